import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { dueUntil, isNothingDue } from '../../../src/verbs/pull/due-window.ts'

const noonMs = Date.UTC(2026, 10, 3, 12)

describe('how far a stream can be verified', () => {
  test('an hour and a minute before the end of the newest digest, because a log may be in the next one', () => {
    const endMs = noonMs - 20 * minuteMs
    expect(dueUntil([endMs], noonMs)).toEqual({ logsMs: endMs - hourMs - minuteMs, periodsMs: endMs })
  })

  test('as far as the chain that is furthest behind', () => {
    const [ahead, behind] = [noonMs - 20 * minuteMs, noonMs - 90 * minuteMs]
    expect(dueUntil([ahead, behind], noonMs)).toEqual(dueUntil([behind], noonMs))
  })

  test('beyond the newest digest if the next ones are due', () => {
    const endMs = noonMs - 5.5 * hourMs
    expect(dueUntil([endMs], noonMs).periodsMs).toBe(endMs + 3 * hourMs)
  })

  test('without any digest, until all digests that could list a log are due', () => {
    expect(dueUntil([], noonMs)).toEqual({
      logsMs: noonMs - 5 * hourMs,
      periodsMs: noonMs - 5 * hourMs + 2 * hourMs + minuteMs,
    })
  })

  test('never less far at a later time', () => {
    for (let ago = 0; ago < 12; ago += 0.13) {
      const ends = [noonMs - ago * hourMs]
      let before = dueUntil(ends, noonMs)
      for (let nowMs = noonMs; nowMs < noonMs + 6 * hourMs; nowMs += 10 * minuteMs) {
        const next = dueUntil(ends, nowMs)
        expect(next.logsMs).toBeGreaterThanOrEqual(before.logsMs)
        expect(next.periodsMs).toBeGreaterThanOrEqual(before.periodsMs)
        before = next
      }
    }
  })

  test('no period is judged before it is due', () => {
    for (let minutes = 0; minutes < 60; minutes++) {
      const nowMs = noonMs + minutes * minuteMs
      expect(dueUntil([], nowMs).periodsMs).toBeLessThanOrEqual(nowMs - 2 * hourMs)
    }
  })
})

describe('no digest is looked for', () => {
  const verified = { logsMs: noonMs - hourMs - minuteMs, periodsMs: noonMs }

  test('until the next one can be there', () => {
    expect(isNothingDue(verified, noonMs + 59 * minuteMs)).toBe(true)
    expect(isNothingDue(verified, noonMs + hourMs)).toBe(false)
  })

  test('but if nothing was verified yet', () => {
    expect(isNothingDue({ logsMs: undefined, periodsMs: noonMs }, noonMs)).toBe(false)
    expect(isNothingDue({ logsMs: noonMs, periodsMs: undefined }, noonMs)).toBe(false)
  })

  test('but if an older log came', () => {
    expect(isNothingDue({ ...verified, logsMs: noonMs - 5 * hourMs }, noonMs + minuteMs)).toBe(false)
  })
})
