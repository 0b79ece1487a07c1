import { expect, test } from 'vitest'
import { minuteMs } from '../../../../src/trail/calendar.ts'
import { AnnouncedLedger } from '../../../../src/verbs/pull/queue/announced-ledger.ts'

const sinceMs = Date.UTC(2026, 10, 1)
const laterMs = sinceMs + 60 * minuteMs

test('counts logs that a message brought, and logs that only a listing found', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  for (const key of ['a', 'b', 'c']) ledger.announced(key, true)
  ledger.listed('d', sinceMs)
  expect(ledger.judge(laterMs)).toEqual({ announced: 3, unannounced: 1 })
  expect(ledger.judged).toEqual({ announced: 3, unannounced: 1 })
  expect(ledger.judge(laterMs)).toEqual({ announced: 0, unannounced: 0 })
  expect(ledger.total).toEqual({ announced: 3, unannounced: 1 })
})

test('counts a log that a listing found first as announced when its message comes', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  ledger.listed('a', sinceMs)
  ledger.announced('a', false)
  expect(ledger.judge(laterMs)).toEqual({ announced: 1, unannounced: 0 })
})

test('counts a log once, however often it is announced', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  ledger.announced('a', true)
  ledger.announced('a', false)
  ledger.listed('b', sinceMs)
  ledger.announced('b', false)
  ledger.announced('b', false)
  expect(ledger.judge(laterMs)).toEqual({ announced: 2, unannounced: 0 })
})

test('gives a message five minutes from the delivery of its log', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  ledger.listed('a', laterMs)
  expect(ledger.judge(laterMs + 5 * minuteMs - 1).unannounced).toBe(0)
  expect(ledger.judge(laterMs + 5 * minuteMs).unannounced).toBe(1)
})

test('expects no message for a log that is older than the feed', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  ledger.listed('old', sinceMs - 1)
  expect(ledger.judge(laterMs)).toEqual({ announced: 0, unannounced: 0 })
})

test('does not count a message about a log that an earlier pull took', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  ledger.announced('a', false)
  expect(ledger.total).toEqual({ announced: 0, unannounced: 0 })
})

test('counts what was announced since the last listing in the total', () => {
  const ledger = new AnnouncedLedger(sinceMs, 300_000)
  ledger.announced('a', true)
  ledger.judge(laterMs)
  ledger.announced('b', true)
  expect(ledger.total.announced).toBe(2)
  expect(ledger.judged.announced).toBe(1)
})
