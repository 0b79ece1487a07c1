import { expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import type { Kind } from '../../../src/trail/kind.ts'
import { safetyDefaults, type SafetyLimits } from '../../../src/verbs/delete/options.ts'
import type { PlanFacts } from '../../../src/verbs/delete/plan-facts.ts'
import { exceededLimits } from '../../../src/verbs/delete/safety-limits.ts'
import { facts, head, hour } from './plan-world.ts'

const nowMs = Date.UTC(2026, 10, 22)
const dayMs = 24 * hour
const planOf = (of: PlanFacts, kinds: readonly Kind[]) => ({
  head: { ...head, selection: { ...head.selection, kinds } },
  facts: of,
})
const place = { logAccount: '222222222222' as AccountId, region: 'us-east-1' }
const planned = facts().planned
const nothing = { objects: 0, bytes: 0 }
const group = { ...place, account: 'Z', month: '2025-01', objects: 1, deletions: 1, bytes: 1 }

const tooMany = facts({ planned: { ...planned, deletions: 100_001 } })
const recent = facts({ planned: { ...planned, newestMs: nowMs - 90 * dayMs + 1 } })
const whole = facts({ remaining: nothing })
const digests = facts({ groups: [{ ...group, kind: 'digest' }] })
const broken = facts({ brokenChains: [place] })

test.each<readonly [string, PlanFacts, Partial<SafetyLimits>, readonly Kind[], readonly string[]]>([
  ['an ordinary plan', facts(), {}, ['events'], []],
  ['as many as allowed', facts({ planned: { ...planned, deletions: 100_000 } }), {}, ['events'], []],
  ['one more than allowed', tooMany, {}, ['events'], ['usage.delete-too-many']],
  ['one more than allowed, and allowed', tooMany, { maxDelete: 100_001 }, ['events'], []],
  ['more than a smaller allowance', facts(), { maxDelete: 9 }, ['events'], ['usage.delete-too-many']],
  ['a log of 90 days', facts({ planned: { ...planned, newestMs: nowMs - 90 * dayMs } }), {}, ['events'], []],
  ['a log younger than 90 days', recent, {}, ['events'], ['usage.delete-recent']],
  ['a log younger than 90 days, allowed', recent, { allowRecent: true }, ['events'], []],
  ['everything there is', whole, {}, ['events'], ['usage.delete-whole-trail']],
  ['everything there is, allowed', whole, { allowWholeTrail: true }, ['events'], []],
  ['digests that nobody named', digests, {}, ['events'], ['usage.delete-digests']],
  [
    'digests that nobody named, all flags given',
    digests,
    { maxDelete: 1e6, allowRecent: true, allowWholeTrail: true, breakChain: true },
    ['events'],
    ['usage.delete-digests'],
  ],
  ['digests that were named', digests, {}, ['digest'], []],
  ['newer digests before older ones', broken, {}, ['digest'], ['usage.delete-breaks-chain']],
  ['newer digests before older ones, allowed', broken, { breakChain: true }, ['digest'], []],
  [
    'several at once',
    { ...tooMany, remaining: nothing },
    {},
    ['events'],
    ['usage.delete-too-many', 'usage.delete-whole-trail'],
  ],
  ['nothing, of nothing', facts({ planned: { ...nothing, deletions: 0 }, remaining: nothing }), {}, ['events'], []],
])('a plan of %s exceeds the limits it should', (_name, of, allowed, kinds, codes) => {
  expect(exceededLimits(planOf(of, kinds), { ...safetyDefaults, ...allowed }, nowMs).map(({ code }) => code)).toEqual(
    codes,
  )
})

test('each limit names the option that allows more, except the one for digests', () => {
  const all = exceededLimits(
    planOf(
      {
        ...tooMany,
        ...recent,
        ...whole,
        planned: { ...tooMany.planned, newestMs: nowMs },
        groups: digests.groups,
        brokenChains: [place],
      },
      [],
    ),
    safetyDefaults,
    nowMs,
  )
  expect(all.map(({ hint }) => /--(?:max-delete|allow-\w+(?:-\w+)?|break-chain|kind)/.exec(hint ?? '')?.[0])).toEqual([
    '--max-delete',
    '--allow-recent',
    '--allow-whole-trail',
    '--kind',
    '--break-chain',
  ])
})
