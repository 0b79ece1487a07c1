import { CrosstrailError } from '../../error.ts'
import { dayMs } from '../../trail/calendar.ts'
import { formatInstant } from '../../trail/time.ts'
import type { SafetyLimits } from './options.ts'
import type { DeletePlan } from './plan-lines.ts'

const recentDays = 90

type Plan = Pick<DeletePlan, 'head' | 'facts'>
type Limit = (plan: Plan, limits: SafetyLimits, nowMs: number) => CrosstrailError | undefined

/**
 * One error for each safety limit that a plan exceeds; none for a plan without deletions. In this order:
 *
 * | the plan deletes | code | allowed by |
 * | --- | --- | --- |
 * | more than `maxDelete` | `usage.delete-too-many` | a larger `maxDelete` |
 * | a log delivered less than 90 days ago | `usage.delete-recent` | `allowRecent` |
 * | everything that was listed | `usage.delete-whole-trail` | `allowWholeTrail` |
 * | a digest, and the selection does not name digests | `usage.delete-digests` | nothing |
 * | newer digests while older ones stay | `usage.delete-breaks-chain` | `breakChain` |
 */
export function exceededLimits(plan: Plan, limits: SafetyLimits, nowMs: number): CrosstrailError[] {
  if (plan.facts.planned.deletions === 0) return []
  return checks.flatMap((check) => check(plan, limits, nowMs) ?? [])
}

const tooMany: Limit = ({ facts: { planned } }, { maxDelete }) =>
  planned.deletions <= maxDelete
    ? undefined
    : new CrosstrailError(
        'usage.delete-too-many',
        `the plan has ${planned.deletions} deletions, and --max-delete is ${maxDelete}`,
        {
          hint: `delete less at a time, or allow this many: --max-delete ${planned.deletions}`,
          facts: { deletions: planned.deletions, maxDelete },
        },
      )

const recent: Limit = ({ facts: { planned } }, { allowRecent }, nowMs) =>
  allowRecent || planned.newestMs === undefined || planned.newestMs <= nowMs - recentDays * dayMs
    ? undefined
    : new CrosstrailError(
        'usage.delete-recent',
        `the plan deletes logs that are younger than ${recentDays} days: the newest was delivered at ${formatInstant(planned.newestMs)}`,
        {
          hint: `end the window earlier (--older-than ${recentDays}d), or allow it: --allow-recent`,
          facts: { newest: formatInstant(planned.newestMs) },
        },
      )

const wholeTrail: Limit = ({ facts: { planned, remaining } }, { allowWholeTrail }) =>
  allowWholeTrail || remaining.objects > 0
    ? undefined
    : new CrosstrailError(
        'usage.delete-whole-trail',
        `the plan deletes all ${planned.objects} objects of the selected log accounts and regions, so that none remains`,
        {
          hint: 'choose a window that leaves some, or allow it: --allow-whole-trail',
          facts: { objects: planned.objects },
        },
      )

const unnamedDigests: Limit = ({ head, facts: { groups } }) =>
  head.selection.kinds.includes('digest') || groups.every(({ kind }) => kind !== 'digest')
    ? undefined
    : new CrosstrailError('usage.delete-digests', 'the plan deletes digests, and its selection does not name them', {
        hint: 'make a new plan with --kind digest',
      })

const chain: Limit = ({ facts: { brokenChains } }, { breakChain }) => {
  const [first] = brokenChains
  if (breakChain || first === undefined) return undefined
  const others = brokenChains.length === 1 ? '' : ` and in ${brokenChains.length - 1} more places`
  const message = `the plan deletes digests of ${first.logAccount} in ${first.region}${others} while older ones stay, so the chain could not be verified across the gap`
  return new CrosstrailError('usage.delete-breaks-chain', message, {
    hint: 'give no start of the window, so that the oldest are deleted first, or allow it: --break-chain',
    facts: { places: brokenChains.length },
  })
}

const checks: readonly Limit[] = [tooMany, recent, wholeTrail, unnamedDigests, chain]
