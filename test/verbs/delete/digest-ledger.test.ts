import { expect, test } from 'vitest'
import { DigestLedger } from '../../../src/verbs/delete/digest-ledger.ts'
import { day, digest, hour, log } from './plan-world.ts'

test('a digest stays if a log that was delivered before its end stays', () => {
  const ledger = new DigestLedger()
  ledger.remains(log(90))
  expect(ledger.logsRemain(digest(day + hour))).toBe(false)
  expect(ledger.logsRemain(digest(day + 90 * 60_000))).toBe(true)
  expect(ledger.logsRemain(digest(day + 2 * hour))).toBe(true)
})

test('logs of another region or log account do not keep a digest', () => {
  const ledger = new DigestLedger()
  ledger.remains(log(1, { region: 'eu-west-1' }))
  expect(ledger.logsRemain(digest(day + hour))).toBe(false)
})

test.each([
  ['the oldest go', [1, 2], [3, 4], 0],
  ['the newest go', [3, 4], [1, 2], 1],
  ['the middle goes', [2, 3], [1, 4], 1],
  ['all go', [1, 2, 3], [], 0],
  ['none goes', [], [1, 2], 0],
])('if %s, the chain is broken only if an older digest stays', (_name, going, staying, broken) => {
  const ledger = new DigestLedger()
  for (const at of going) ledger.goes(digest(day + at * hour))
  for (const at of staying) ledger.remains(digest(day + at * hour))
  expect(ledger.brokenChains()).toHaveLength(broken)
})

test('each log account and region has its own chain', () => {
  const ledger = new DigestLedger()
  ledger.goes(digest(day + 2 * hour))
  ledger.remains(digest(day + hour, { region: 'eu-west-1' }))
  expect(ledger.brokenChains()).toEqual([])
})

test('logs do not break a chain', () => {
  const ledger = new DigestLedger()
  ledger.remains(log(1))
  ledger.goes(log(2))
  expect(ledger.brokenChains()).toEqual([])
})
