import type { Kind } from '../../trail/kind.ts'
import type { PlanRequest } from '../../work/plan.ts'
import type { Selection } from '../../work/selection.ts'
import { eventKinds } from '../events/options.ts'
import { chainOf, chainText } from '../verify/chain-name.ts'
import type { StreamSlice, VerifyPlace } from '../verify/place.ts'
import { rulesOf } from '../verify/stream-rules.ts'
import type { BucketStreams } from '../verify/bucket-streams.ts'
import type { Coverage } from './coverage.ts'
import { dueUntil, isNothingDue, recentMs } from './due-window.ts'
import type { StreamName } from './report.ts'
import { isAssigned, isSelected } from './stream-plan.ts'

interface ClosedWindow {
  readonly fromMs: number
  readonly toMs: number
}

/** A stream of which something can be verified that was not verified before. */
export interface DueStream extends StreamSlice {
  readonly logs: ClosedWindow
  readonly periods: ClosedWindow
  /** The end of the last digest of the chain that is furthest behind: the chain must be known to name the periods after it. */
  readonly lastDigestMs: number | undefined
  /** Since when the logs of each kind were not verified. */
  readonly since: ReadonlyMap<Kind, number>
}

export interface DueOptions {
  readonly coverage: Coverage
  readonly selection: Selection
  readonly nowMs: number
  readonly onVerified: (stream: DueStream) => Promise<void>
}

/** The streams that a pull has taken. Each begins when its verified time ends, and lasts until the time that can be verified now. */
export function dueStreams({ coverage, selection, nowMs, onVerified }: DueOptions): BucketStreams<DueStream> {
  return {
    async plan(request, place) {
      const streams = takenStreams(request, coverage, selection)
      const due = await Promise.all(
        streams.map(async (stream) => {
          try {
            return await dueOf(stream, place, coverage, selection, nowMs)
          } catch (error) {
            request.onFailed(stream.logAccount, error)
            return undefined
          }
        }),
      )
      return due.filter((stream) => stream !== undefined)
    },
    rulesOf({ logs, periods, since, lastDigestMs }, context) {
      const rules = rulesOf({ ...selection, window: logs }, context)
      return {
        ...rules,
        window: periods,
        logWindow: logs,
        digestsFromMs: lastDigestMs,
        isOneOfMany: true,
        isSelected: (log, key) => log.deliveredAtMs >= (since.get(log.kind) ?? Infinity) && rules.isSelected(log, key),
      }
    },
    onVerified,
    mayBeEmpty: true,
  }
}

/** The kinds of logs that a selection verifies. */
export function verifiedKinds({ kinds }: Pick<Selection, 'kinds'>): readonly Kind[] {
  return eventKinds.filter((kind) => kinds.length === 0 || kinds.includes(kind))
}

function takenStreams({ assignment }: PlanRequest, coverage: Coverage, selection: Selection): StreamSlice[] {
  const streams = new Map<string, StreamName[]>()
  for (const { name } of coverage.streams) {
    if (!isAssigned(name, assignment) || !isSelected(name, selection)) continue
    const of = `${name.logAccount} ${name.region}`
    streams.set(of, [...(streams.get(of) ?? []), name])
  }
  return [...streams.values()].flatMap((names) => {
    const [first] = names
    if (first === undefined) return []
    const { logAccount, region } = first
    const found = new Set<Kind>(names.map(({ kind }) => kind))
    const logKinds = eventKinds.filter((kind) => found.has(kind))
    return [{ account: assignment.account, logAccount, region, logKinds }]
  })
}

async function dueOf(
  stream: StreamSlice,
  place: VerifyPlace,
  coverage: Coverage,
  selection: Selection,
  nowMs: number,
): Promise<DueStream | undefined> {
  const { logAccount, region } = stream
  const markOf = (kind: Kind) => coverage.verified.of({ logAccount, region, kind })
  const kinds = verifiedKinds(selection)
  const known = kinds.map(markOf).filter((mark) => mark !== undefined)
  const isAllKnown = known.length === kinds.length
  const mark = { logsMs: isAllKnown ? Math.min(...known) : undefined, periodsMs: markOf('digest') }
  if (isNothingDue(mark, nowMs)) return undefined
  const since = new Map(kinds.map((kind) => [kind, markOf(kind) ?? coverage.sinceMs]))
  const newestMs = await newestEnds(stream, place, nowMs)
  const until = dueUntil(newestMs, nowMs)
  const periodsFromMs = mark.periodsMs ?? coverage.sinceMs
  const due: DueStream = {
    ...stream,
    logs: { fromMs: Math.min(...since.values(), until.logsMs), toMs: until.logsMs },
    periods: { fromMs: periodsFromMs, toMs: Math.max(until.periodsMs, periodsFromMs) },
    since,
    lastDigestMs: newestMs.length === 0 ? undefined : Math.min(...newestMs),
  }
  const isEmpty = due.logs.fromMs >= due.logs.toMs && due.periods.fromMs >= due.periods.toMs
  return isEmpty ? undefined : due
}

/** The end of the newest digest of each chain. Backfill digests are not hourly, so none is waited for. */
async function newestEnds(stream: StreamSlice, place: VerifyPlace, nowMs: number): Promise<number[]> {
  const ends = new Map<string, number>()
  for await (const page of place.digests(stream, { fromMs: nowMs - recentMs })) {
    for (const { parts } of page) {
      const { deliveredAtMs, backfill } = parts
      if (backfill || deliveredAtMs > nowMs) continue
      const chain = chainText(chainOf(parts))
      ends.set(chain, Math.max(ends.get(chain) ?? 0, deliveredAtMs))
    }
  }
  return [...ends.values()]
}
