import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { dueUntil, isNothingDue } from '../../../src/verbs/pull/due-window.ts'

const noonMs = Date.UTC(2026, 10, 3, 12)

describe('how far a stream can be verified', () => {
  test('a minute and an hour before the end of the newest digest, because a log may be in the next one', () => {
    const endMs = noonMs - 20 * minuteMs
    expect(dueUntil(endMs, noonMs)).toEqual({ logsMs: endMs - hourMs - minuteMs, periodsMs: endMs })
  })

  test.each([
    ['without any digest', undefined],
    ['with a digest whose next one is overdue', noonMs - 4 * hourMs],
  ])('%s, until all digests that can list a log are overdue', (_, endMs) => {
    expect(dueUntil(endMs, noonMs)).toEqual({
      logsMs: noonMs - 5 * hourMs,
      periodsMs: noonMs - 5 * hourMs + 2 * hourMs + minuteMs,
    })
  })

  test('never less far at a later time, whatever digests come', () => {
    const ends = [undefined, ...Array.from({ length: 60 }, (_, at) => noonMs - 6 * hourMs + at * 7 * minuteMs)]
    for (const endMs of ends) {
      let before = dueUntil(endMs, noonMs)
      for (let nowMs = noonMs; nowMs < noonMs + 6 * hourMs; nowMs += 10 * minuteMs) {
        const next = dueUntil(endMs, nowMs)
        expect(next.logsMs).toBeGreaterThanOrEqual(before.logsMs)
        expect(next.periodsMs).toBeGreaterThanOrEqual(before.periodsMs)
        before = next
      }
    }
  })

  test('no period is judged before it is due', () => {
    for (let minutes = 0; minutes < 60; minutes++) {
      const nowMs = noonMs + minutes * minuteMs
      expect(dueUntil(undefined, nowMs).periodsMs).toBeLessThanOrEqual(nowMs - 2 * hourMs)
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
