import { dayMs, hourMs } from '../../trail/calendar.ts'
import { type Slice, sliceOf } from '../../trail/slice.ts'
import { assignLogAccounts, type Assignment, type ReadingAccount } from '../../work/assignment.ts'
import { type PlanRequest, planSlices } from '../../work/plan.ts'
import type { Selection } from '../../work/selection.ts'
import type { Coverage } from './coverage.ts'
import type { StreamCoverage } from './stream-coverage.ts'
import { recoverMarks } from './recovery.ts'
import type { StreamName } from './report.ts'
import { isDue, listFrom, type PullRules } from './rules.ts'

/** How often a pull looks for new log accounts and regions. Between these times each stream costs one listing and nothing else. */
export const discoverEveryMs = hourMs

export interface PullPlan {
  readonly pulls: (name: StreamName) => boolean
  readonly sweeps: (stream: StreamCoverage) => boolean
  readonly sweep: boolean
  readonly discover: boolean
  /** The selection in text. An earlier search with another selection does not count. */
  readonly scope: string
  readonly nowMs: number
}

/**
 * Decides what a pull lists. It looks for new streams at first, after another selection, and an hour after the last search.
 * Each stream has its own sweeps, because pulls with different selections share a target.
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
  const { discovered } = coverage
  const discover = discovered?.scope !== scope || isDue(discovered.atMs, discoverEveryMs, of.nowMs)
  const assignments = assignLogAccounts(of.accounts, logAccounts)
  const pulls = (name: StreamName) =>
    assignments.some((assignment) => isAssigned(name, assignment)) && isSelected(name, of.selection)
  const sweeps = ({ lastSweepMs }: StreamCoverage) => of.sweepMs > 0 && isDue(lastSweepMs, of.sweepEveryMs, of.nowMs)
  const ours = coverage.streams.filter(({ name }) => pulls(name))
  const sweep = ours.some(sweeps) || (ours.length === 0 && of.sweepMs > 0)
  return { pulls, sweeps, sweep, discover, scope, nowMs: of.nowMs }
}

export const defaultSweepEveryMs = dayMs

/** Returns a slice for each stream of an account, known or found now, that begins where the stream must be listed from. */
export async function planStreams(
  request: PlanRequest,
  coverage: Coverage,
  rules: PullRules,
  { sweeps, discover, nowMs }: PullPlan,
): Promise<Slice[]> {
  const { assignment, selection, layout, onFound } = request
  if (discover) {
    const found = await planSlices({ ...request, selection: { ...selection, window: {} } })
    for (const slice of found) coverage.stream(slice)
  }
  const streams = coverage.streams.filter(({ name }) => isAssigned(name, assignment) && isSelected(name, selection))
  for (const { name, objects } of streams) if (objects > 0) onFound?.(name)
  await recoverMarks(streams, request, { rules, nowMs })
  return streams.map((stream) => {
    const { name, marks, owed } = stream
    const fromMs = listFrom(marks, owed.values(), rules, sweeps(stream))
    return sliceOf({ ...name, layout, account: assignment.account, window: { fromMs } })
  })
}

export function isAssigned({ logAccount }: StreamName, assignment: Assignment): boolean {
  return 'logAccounts' in assignment
    ? assignment.logAccounts.includes(logAccount)
    : !assignment.allBut.includes(logAccount)
}

export function isSelected(name: StreamName, { regions, kinds, logAccounts }: Selection): boolean {
  return (
    (regions.length === 0 || regions.includes(name.region)) &&
    (kinds.length === 0 || kinds.includes(name.kind)) &&
    (logAccounts.length === 0 || logAccounts.includes(name.logAccount))
  )
}
