import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jitterMs, nextStart } from '../../src/daemon/schedule.ts'

const minuteMs = 60_000
const schedule = { anchorMs: 1000, everyMs: 5 * minuteMs }
const at = (minutes: number) => 1000 + minutes * minuteMs

test.each([
  ['a short run', 1, 0, 5],
  ['a run that ends in its next slot', 5, 0, 10],
  ['a run of two and a half slots, which skips the missed ones', 12.5, 0, 15],
  ['one failure', 1, 1, 10],
  ['two failures, with the limit of 15 minutes', 1, 2, 15],
  ['forty failures', 1, 40, 15],
] as const)('the start after %s', (_name, endMinutes, failures, startMinutes) => {
  expect(nextStart(schedule, at(endMinutes), failures)).toBe(at(startMinutes))
})

const everyMs = fc.integer({ min: 1000, max: 7 * 24 * 60 * minuteMs })
const slots = fc.record({ everyMs, anchorMs: fc.nat(1e9), nowMs: fc.nat(1e12), failures: fc.nat(100) })

test('a start is in the future, at the anchor plus a multiple of the interval', () => {
  fc.assert(
    fc.property(slots, ({ failures, nowMs, ...rest }) => {
      const now = rest.anchorMs + nowMs
      const start = nextStart(rest, now, failures)
      expect(start).toBeGreaterThan(now)
      expect((start - rest.anchorMs) % rest.everyMs).toBe(0)
    }),
  )
})

test('a start is at most the interval or 15 minutes away, whichever is longer', () => {
  fc.assert(
    fc.property(slots, ({ failures, nowMs, ...rest }) => {
      const now = rest.anchorMs + nowMs
      expect(nextStart(rest, now, failures) - now).toBeLessThanOrEqual(Math.max(rest.everyMs, 15 * minuteMs))
    }),
  )
})

test('another failure never makes the next run earlier', () => {
  fc.assert(
    fc.property(slots, ({ failures, nowMs, ...rest }) => {
      const now = rest.anchorMs + nowMs
      expect(nextStart(rest, now, failures + 1)).toBeGreaterThanOrEqual(nextStart(rest, now, failures))
    }),
  )
})

test('jitter is below a tenth of the interval, and below half a minute', () => {
  fc.assert(
    fc.property(everyMs, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (every, random) => {
      const jitter = jitterMs(every, random)
      expect(jitter).toBeGreaterThanOrEqual(0)
      expect(jitter).toBeLessThan(Math.min(every / 10, 30_000))
    }),
  )
})
