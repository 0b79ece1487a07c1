import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventsOptions } from './options.ts'
import type { TimeSorter } from './time-sorter.ts'

/** After so many records, signals and timers get their turn. */
const recordsPerTurn = 100

/** Hands out sorted records one by one, and stops if `signal` is aborted. Returns how many were handed out. Throws `disk.…`. */
export async function handOutSorted(
  sorter: Pick<TimeSorter, 'sorted'>,
  { onFound, whenWritable }: Pick<EventsOptions, 'onFound' | 'whenWritable'>,
  signal: AbortSignal,
): Promise<number> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  let handedOut = 0
  for (const found of sorter.sorted()) {
    if (handedOut % recordsPerTurn === 0) await nextTurn()
    // The reader of the results may be slower than this, or not read any more.
    for (let writable = whenWritable?.(); writable !== undefined && !signal.aborted; writable = whenWritable?.()) {
      await Promise.race([writable, aborted])
    }
    if (signal.aborted) break
    onFound?.(found)
    handedOut++
  }
  return handedOut
}
