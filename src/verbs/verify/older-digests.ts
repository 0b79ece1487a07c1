import { dayMs, hourMs } from '../../trail/calendar.ts'
import type { ChainRules, ChainStart } from './chain-facts.ts'
import { chainOf, chainText } from './chain-name.ts'
import type { VerifyFinding } from './finding.ts'
import { instantSpan } from './instant-span.ts'
import type { ListedDigest, StreamSlice, VerifyPlace } from './place.ts'
import type { StreamCheck } from './stream-check.ts'

/**
 * Finds what a window alone cannot show. If it has no digests, or a chain starts inside it, the first digests of the stream tell whether there
 * were digests before. Then everything between them and the window's first digest may have been deleted. `readFromMs` is the time from which
 * digests were read.
 */
export async function findingsOfOlder<S extends StreamSlice>(
  place: VerifyPlace<S>,
  stream: S,
  { state, starts }: Pick<StreamCheck, 'state' | 'starts'>,
  { window, nowMs, graceMs }: ChainRules,
  readFromMs: number,
): Promise<VerifyFinding[]> {
  const { fromMs, toMs = nowMs } = window
  if (fromMs === undefined) return []
  const isDue = readFromMs + hourMs + graceMs <= Math.min(toMs, nowMs)
  const isSilent = state.chains.length === 0 && state.uncovered === 0 && isDue
  const inside = starts.filter(({ startMs }) => startMs > fromMs)
  if (!isSilent && inside.length === 0) return []
  const older = await firstDigests(place, stream, Math.floor(readFromMs / dayMs) * dayMs)
  const [first] = older
  if (first === undefined) return []
  if (isSilent) return [noneInWindow(stream, first, fromMs, toMs)]
  return inside.flatMap((start) => {
    const before = older.find(({ parts }) => chainText(chainOf(parts)) === chainText(start.chain))
    return before === undefined ? [] : [restarted(start, before, fromMs)]
  })
}

/** The digests of the first day that has any, if it is before an instant. */
async function firstDigests<S extends StreamSlice>(
  place: VerifyPlace<S>,
  stream: S,
  toMs: number,
): Promise<readonly ListedDigest[]> {
  for await (const page of place.digests(stream, { toMs })) if (page.length > 0) return page
  return []
}

const why = 'logging stopped, validation was turned off, the trail was deleted, or digests and logs were deleted'

function noneInWindow({ logAccount, region }: StreamSlice, older: ListedDigest, startMs: number, endMs: number) {
  const message = `${logAccount}/${region} has no digests from ${instantSpan(startMs, endMs)}, and older ones such as ${older.key}: ${why}`
  return { code: 'verify.no-digests', key: undefined, chain: undefined, startMs, endMs, message } as const
}

function restarted({ chain, key, startMs: endMs }: ChainStart, older: ListedDigest, startMs: number) {
  const message = `the digest ${key} starts a new chain, which has older digests such as ${older.key}, and nothing is proven from ${instantSpan(startMs, endMs)}: ${why}`
  return { code: 'verify.chain-restarted', key, chain, startMs, endMs, message } as const
}
