import { type FoundRecords, linesOf } from './found-records.ts'
import type { EventsOptions } from './options.ts'

/** Takes a row. If it returns a promise, it wants no more rows until the promise settles. */
export type TakeRow = (row: Buffer, timeMs: number) => Promise<void> | undefined

/** The options of a search that turns each record into a row. If a row cannot be taken, the search rejects with that error. */
export function intoRows(take: TakeRow): Pick<EventsOptions, 'form' | 'sorted' | 'onFound' | 'whenWritable'> {
  let waiting: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  const settled = () => {
    waiting = undefined
  }
  const failed = (error: unknown) => {
    waiting = undefined
    failure = { error }
  }
  return {
    form: { type: 'row' },
    sorted: false,
    onFound(found: FoundRecords) {
      if (failure !== undefined) throw failure.error
      let at = 0
      for (const line of linesOf(found)) {
        const row = Buffer.from(line.buffer, line.byteOffset, line.length)
        const wait = take(row, found.timesMs[at++] ?? Number.NaN)
        if (wait !== undefined) waiting = wait.then(settled, failed)
      }
    },
    whenWritable: () => waiting,
  }
}
