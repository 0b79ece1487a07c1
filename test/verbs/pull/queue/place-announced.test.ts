import { expect, test } from 'vitest'
import type { AccountId } from '../../../../src/trail/account-id.ts'
import { formatKey } from '../../../../src/trail/key.ts'
import { placer } from '../../../../src/verbs/pull/queue/place-announced.ts'
import { assignLogAccounts, type ReadingAccount } from '../../../../src/work/assignment.ts'
import type { Selection } from '../../../../src/work/selection.ts'
import { everything } from '../../../work/run-world.ts'

const [b, c, z, other] = ['222222222222', '333333333333', '444444444444', '555555555555'] as AccountId[] as [
  AccountId,
  AccountId,
  AccountId,
  AccountId,
]
const deliveredAtMs = Date.UTC(2026, 10, 1)
const layout = { prefix: 'audit' }

function keyOf(logAccount: AccountId, region = 'us-east-1', prefix = layout.prefix): string {
  return formatKey({ logAccount, region, kind: 'events', deliveredAtMs, random: 'AbCdAbCdAbCdAbCd' }, { prefix })
}

const accountsBC: readonly ReadingAccount[] = [
  { label: 'B', id: b, reads: 'own' },
  { label: 'C', id: z, reads: [c] },
]

function place(key: string, accounts = accountsBC, selected: Partial<Selection> = {}, bucket = 'logs') {
  const selection = { ...everything, ...selected }
  const assignments = assignLogAccounts(accounts, selection.logAccounts)
  return placer({ bucket: 'logs', layout, assignments, selection })({ bucket, key })?.account
}

test('gives a key to the account that reads its log account', () => {
  expect([place(keyOf(b)), place(keyOf(c))]).toEqual(['B', 'C'])
})

test('returns what the key says', () => {
  const assignments = assignLogAccounts(accountsBC, [])
  const placed = placer({ bucket: 'logs', layout, assignments, selection: everything })({
    bucket: 'logs',
    key: keyOf(b),
  })
  expect(placed).toMatchObject({
    key: keyOf(b),
    parts: { logAccount: b, region: 'us-east-1', kind: 'events', deliveredAtMs },
  })
})

test('gives the account that reads all what no other account reads', () => {
  const accounts: readonly ReadingAccount[] = [{ label: 'Z', id: z, reads: 'all' }, ...accountsBC]
  expect([place(keyOf(other), accounts), place(keyOf(b), accounts)]).toEqual(['Z', 'B'])
})

test.each([
  ['in another bucket', () => place(keyOf(b), accountsBC, {}, 'logs-of-others')],
  ['under another prefix', () => place(keyOf(b, 'us-east-1', 'elsewhere'))],
  ['of an organization, if the trail has none', () => place(keyOf(b).replace('AWSLogs/', 'AWSLogs/o-exampleorgid/'))],
  ['that is no log', () => place('audit/AWSLogs/readme.txt')],
  ['of a log account that no account reads', () => place(keyOf(other))],
  ['of a log account that is not selected', () => place(keyOf(b), accountsBC, { logAccounts: [c] })],
  ['of a region that is not selected', () => place(keyOf(b), accountsBC, { regions: ['eu-west-1'] })],
  ['of a kind that is not selected', () => place(keyOf(b), accountsBC, { kinds: ['digest'] })],
  ['that is excluded', () => place(keyOf(b), accountsBC, { exclude: ['*_us-east-1_*'] })],
])('places no key %s', (_, placing) => {
  expect(placing()).toBeUndefined()
})

test('ignores the window: the coverage decides what is too old', () => {
  expect(place(keyOf(b), accountsBC, { window: { fromMs: deliveredAtMs + 1 } })).toBe('B')
})
