import { dayMs, hourMs } from '../trail/calendar.ts'
import { type Slice, sliceOf } from '../trail/slice.ts'
import type { Assignment, ReadingAccount } from '../work/assignment.ts'
import { type PlanRequest, planSlices } from '../work/plan.ts'
import type { Selection } from '../work/selection.ts'
import type { Coverage, StreamCoverage } from './pull-coverage.ts'
import { isDue, listFrom, type PullRules } from './pull-rules.ts'

/** New log accounts and regions are looked for this often: in between a stream costs one listing, and nothing else is asked. */
export const discoverEveryMs = hourMs

export interface PullPlan {
  readonly sweep: boolean
  /** Looks for log accounts, kinds and regions that are not covered yet. */
  readonly discover: boolean
  /** What is looked for: with another selection the last look says nothing. */
  readonly scope: string
}

/**
 * | coverage | selection      | last look or sweep | discover | sweep |
 * | -------- | -------------- | ------------------ | -------- | ----- |
 * | none     |                |                    | yes      | yes   |
 * | there    | another one    |                    | yes      |       |
 * | there    | the same       | an hour ago        | yes      |       |
 * | there    | the same       | a sweep is due     | yes      | yes   |
 * | there    | the same       | shortly ago        | no       | no    |
 */
export function planPull(
  coverage: Coverage,
  of: {
    readonly selection: Selection
    readonly accounts: readonly ReadingAccount[]
    readonly sweepMs: number
    readonly sweepEveryMs: number
    readonly nowMs: number
  },
): PullPlan {
  const { logAccounts, regions, kinds } = of.selection
  const accounts = of.accounts.map(({ label, id, reads }) => [label, id, reads])
  const scope = JSON.stringify({ accounts, logAccounts, regions, kinds })
  const sweep = of.sweepMs > 0 && isDue(coverage.lastSweepMs, of.sweepEveryMs, of.nowMs)
  const { discovered } = coverage
  const discover = sweep || discovered?.scope !== scope || isDue(discovered.atMs, discoverEveryMs, of.nowMs)
  return { sweep, discover, scope }
}

export const defaultSweepEveryMs = dayMs

/** A listing for each stream of an account that coverage knows, and those that are found, from where each has to be looked at. */
export async function planStreams(
  request: PlanRequest,
  coverage: Coverage,
  rules: PullRules,
  { sweep, discover }: PullPlan,
): Promise<Slice[]> {
  const { assignment, selection, layout } = request
  if (discover) {
    const found = await planSlices({ ...request, selection: { ...selection, window: {} } })
    for (const slice of found) coverage.stream(slice)
  }
  return coverage.streams
    .filter((stream) => isAssigned(stream, assignment) && isSelected(stream, selection))
    .map(({ name, marks, owed }) => {
      const fromMs = listFrom(marks, owed.values(), rules, sweep)
      return sliceOf({ ...name, layout, account: assignment.account, window: { fromMs } })
    })
}

function isAssigned({ name }: StreamCoverage, assignment: Assignment): boolean {
  return 'logAccounts' in assignment
    ? assignment.logAccounts.includes(name.logAccount)
    : !assignment.allBut.includes(name.logAccount)
}

function isSelected({ name }: StreamCoverage, { regions, kinds, logAccounts }: Selection): boolean {
  return (
    (regions.length === 0 || regions.includes(name.region)) &&
    (kinds.length === 0 || kinds.includes(name.kind)) &&
    (logAccounts.length === 0 || logAccounts.includes(name.logAccount))
  )
}
