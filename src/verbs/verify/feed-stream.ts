import type { LogObject } from '../../trail/log-object.ts'
import type { ReadDigest } from './check-digest.ts'
import type { StreamCheck, StreamState } from './stream-check.ts'

export interface StreamContents {
  /** In the order of the stamps in their names. */
  readonly digests: AsyncIterable<ReadDigest>
  /** Pages of logs of all kinds, in the order of their delivery. */
  readonly logs: AsyncIterable<readonly LogObject[]>
}

/**
 * Gives a stream's digests and logs to its check in turns, so that neither waits for the other in memory. `settle` is awaited after each page
 * of logs and each digest: the receiver of the results can slow the stream down there.
 */
export async function feedStream(
  check: StreamCheck,
  { digests, logs }: StreamContents,
  settle: () => Promise<void>,
): Promise<StreamState> {
  const pages = logs[Symbol.asyncIterator]()
  let page: readonly LogObject[] = []
  let at = 0
  let areLogsOver = false
  const giveLogsUntil = async (untilMs: number) => {
    while (!areLogsOver) {
      for (; at < page.length; at++) {
        const log = page[at]
        if (log === undefined || log.deliveredAtMs >= untilMs) return
        check.addLog(log)
      }
      page = []
      // The next page is listed while the logs of this one are read.
      const listed = pages.next()
      // It is awaited later. Until then a rejection must not count as unhandled.
      listed.catch(() => undefined)
      await settle()
      const next = await listed
      areLogsOver = next.done === true
      page = next.done === true ? [] : next.value
      at = 0
    }
  }
  try {
    for await (const digest of digests) {
      check.passDigests(digest.parts.deliveredAtMs)
      await giveLogsUntil(digest.parts.deliveredAtMs)
      check.addDigest(digest)
      await settle()
    }
    check.endDigests()
    await giveLogsUntil(Infinity)
    const state = check.finish()
    await settle()
    return state
  } finally {
    await pages.return?.()
  }
}

/** Compares two digests in the order that a stream needs: by their stamps, then by their keys. */
export function byStamp(a: Pick<ReadDigest, 'key' | 'parts'>, b: Pick<ReadDigest, 'key' | 'parts'>): number {
  return a.parts.deliveredAtMs - b.parts.deliveredAtMs || (a.key < b.key ? -1 : 1)
}
