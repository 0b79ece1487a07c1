import { CrosstrailError } from '../../error.ts'
import { dayMs } from '../../trail/calendar.ts'
import { formatInstant } from '../../trail/time.ts'
import type { Kind } from '../../trail/kind.ts'
import type { PlanFacts } from './plan-facts.ts'

/** What steps over a fence. */
export interface FenceFlags {
  readonly maxDelete: number
  readonly allowRecent: boolean
  readonly allowWholeTrail: boolean
  readonly breakChain: boolean
}

const recentDays = 90

type Fence = (facts: PlanFacts, flags: FenceFlags, kinds: readonly Kind[], nowMs: number) => CrosstrailError | undefined

/**
 * What keeps a plan from being carried out; none for a plan without deletions. In this order:
 *
 * | the plan deletes | code | stepped over by |
 * | --- | --- | --- |
 * | more than `--max-delete` | `usage.delete-too-many` | a larger `--max-delete` |
 * | a log delivered less than 90 days ago | `usage.delete-recent` | `--allow-recent` |
 * | everything that was listed | `usage.delete-whole-trail` | `--allow-whole-trail` |
 * | a digest, and the selection does not name them | `usage.delete-digests` | nothing |
 * | newer digests while older ones stay | `usage.delete-breaks-chain` | `--break-chain` |
 */
export function fencesBefore(
  facts: PlanFacts,
  flags: FenceFlags,
  kinds: readonly Kind[],
  nowMs: number,
): CrosstrailError[] {
  if (facts.planned.deletions === 0) return []
  return fences.flatMap((fence) => fence(facts, flags, kinds, nowMs) ?? [])
}

const tooMany: Fence = ({ planned }, { maxDelete }) =>
  planned.deletions <= maxDelete
    ? undefined
    : new CrosstrailError(
        'usage.delete-too-many',
        `the plan has ${planned.deletions} deletions, and --max-delete is ${maxDelete}`,
        {
          hint: `delete less at a time, or allow so many: --max-delete ${planned.deletions}`,
          facts: { deletions: planned.deletions, maxDelete },
        },
      )

const recent: Fence = ({ planned }, { allowRecent }, _kinds, nowMs) =>
  allowRecent || planned.newestMs === undefined || planned.newestMs <= nowMs - recentDays * dayMs
    ? undefined
    : new CrosstrailError(
        'usage.delete-recent',
        `the plan deletes logs younger than ${recentDays} days: the newest is of ${formatInstant(planned.newestMs)}`,
        {
          hint: `end the window earlier (--older-than ${recentDays}d), or allow it: --allow-recent`,
          facts: { newest: formatInstant(planned.newestMs) },
        },
      )

const wholeTrail: Fence = ({ planned, remaining }, { allowWholeTrail }) =>
  allowWholeTrail || remaining.objects > 0
    ? undefined
    : new CrosstrailError(
        'usage.delete-whole-trail',
        `the plan deletes all ${planned.objects} objects there are: nothing of what is selected would remain`,
        {
          hint: 'give a window that leaves some, or allow it: --allow-whole-trail',
          facts: { objects: planned.objects },
        },
      )

const unnamedDigests: Fence = ({ groups }, _flags, kinds) =>
  kinds.includes('digest') || groups.every(({ kind }) => kind !== 'digest')
    ? undefined
    : new CrosstrailError('usage.delete-digests', 'the plan deletes digests, and its selection does not name them', {
        hint: 'make a new plan with --kind digest among its kinds',
      })

const chain: Fence = ({ brokenChains }, { breakChain }) => {
  const [first] = brokenChains
  if (breakChain || first === undefined) return undefined
  const others = brokenChains.length === 1 ? '' : ` and in ${brokenChains.length - 1} more places`
  const message = `the plan deletes digests of ${first.logAccount} in ${first.region}${others} while older ones stay: the chain could not be checked across the gap`
  return new CrosstrailError('usage.delete-breaks-chain', message, {
    hint: 'open the start of the window, so that the oldest go first, or allow it: --break-chain',
    facts: { places: brokenChains.length },
  })
}

const fences: readonly Fence[] = [tooMany, recent, wholeTrail, unnamedDigests, chain]
