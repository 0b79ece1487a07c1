import { expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { Coverage, type CoverageBody } from '../../../src/verbs/pull/coverage.ts'

const trail = { bucket: 'logs', prefix: '' }
const events = { logAccount: '222222222222' as AccountId, region: 'us-east-1', kind: 'events' } as const
const digest = { ...events, kind: 'digest' } as const
const noonMs = Date.UTC(2026, 10, 3, 12)

function stored(coverage: Coverage): Coverage {
  return new Coverage(trail, 0, JSON.parse(coverage.format()) as CoverageBody)
}

test('coverage keeps until when streams are verified, of each kind', () => {
  const coverage = new Coverage(trail, 0)
  coverage.verified.set(events, noonMs)
  coverage.verified.set(digest, noonMs + 1000)
  const again = stored(coverage)
  expect(again.verified.of(events)).toBe(noonMs)
  expect(again.verified.of(digest)).toBe(noonMs + 1000)
  expect(again.verified.of({ ...events, region: 'eu-west-1' })).toBeUndefined()
})

test('coverage of pulls that do not verify has no such field', () => {
  expect(new Coverage(trail, 0).format()).not.toContain('verified')
})

test('a log that came late takes the mark of its kind back, and a newer one does not', () => {
  const { verified } = new Coverage(trail, 0)
  verified.reopen(events, noonMs)
  expect(verified.of(events)).toBeUndefined()
  verified.set(events, noonMs)
  verified.reopen(events, noonMs + 1)
  expect(verified.of(events)).toBe(noonMs)
  verified.reopen(events, noonMs - 1)
  expect(verified.of(events)).toBe(noonMs - 1)
})
