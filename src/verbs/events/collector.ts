import { CrosstrailError } from '../../error.ts'
import { demandPaths } from '../../work/folder-roots.ts'
import type { DoneOutcome } from '../../work/outcome.ts'
import { unreadableRecord } from '../run-journal.ts'
import type { RunListener } from '../../work/run-event.ts'
import { type FoundRecords, pickRecords } from './found-records.ts'
import type { SearchedLog } from './log-search.ts'
import type { EventsOptions } from './options.ts'
import type { RecordCounts } from './report.ts'
import { SeenIds } from './seen-ids.ts'

type Counts = { -readonly [K in keyof RecordCounts]: number }

/** Counts the records that were found, drops duplicates, and hands out the others up to the limit. */
export class Collector {
  readonly #options: Pick<EventsOptions, 'unique' | 'limit' | 'onFound'>
  readonly #listener: RunListener
  readonly #seen = new SeenIds()
  /** Called when the limit is reached. */
  onFull: (() => void) | undefined
  readonly counts: Counts = { logs: 0, records: 0, matched: 0, duplicates: 0, unreadable: 0, handedOut: 0 }

  constructor(options: Pick<EventsOptions, 'unique' | 'limit' | 'onFound'>, listener: RunListener) {
    this.#options = options
    this.#listener = listener
  }

  get isFull(): boolean {
    return this.counts.handedOut >= (this.#options.limit ?? Infinity)
  }

  get forgot(): boolean {
    return this.#seen.forgot
  }

  add({ account, object, found: searched }: DoneOutcome): void {
    const { records, found, unreadable } = searched as SearchedLog
    const { counts } = this
    counts.logs++
    counts.records += records
    counts.unreadable += unreadable.length
    const [first] = unreadable
    if (first !== undefined) this.#warn(account, object.key, first.at, first.why, unreadable.length)
    if (found === undefined) return
    counts.matched += found.count
    const unique = this.#options.unique ? this.#unique(found) : found
    const left = (this.#options.limit ?? Infinity) - counts.handedOut
    const given = unique.count <= left ? unique : pickRecords(unique, [...Array(Math.max(0, left)).keys()])
    if (given.count === 0) return
    counts.handedOut += given.count
    this.#options.onFound?.(given)
    if (this.isFull) this.onFull?.()
  }

  #unique(found: FoundRecords): FoundRecords {
    const fresh: number[] = []
    for (let at = 0; at < found.count; at++) if (this.#seen.add(found.ids, at)) fresh.push(at)
    this.counts.duplicates += found.count - fresh.length
    return pickRecords(found, fresh)
  }

  #warn(account: string, key: string, at: number, why: string, count: number): void {
    const message =
      count === 1
        ? `record ${at + 1} of ${key} cannot be read: ${why}`
        : `${count} records of ${key} cannot be read, the first of them is record ${at + 1}: ${why}`
    this.#listener({
      type: 'note',
      level: 'warning',
      code: unreadableRecord,
      message,
      account,
    })
  }
}

/** Checks options before anything is read. Throws `usage.conflict`, and `usage.unreadable-file` for a folder that does not exist. */
export function refuseConflicts({ dirs, selection }: Pick<EventsOptions, 'dirs' | 'selection'>): void {
  if (dirs.length > 0 && selection.accounts.length > 0) {
    throw new CrosstrailError(
      'usage.conflict',
      'accounts cannot be combined with folders, because they read the bucket',
      {
        hint: 'to select logs of a folder by account, use --log-account',
      },
    )
  }
  demandPaths(dirs, 'name a folder with logs, or a log')
}
