import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import { hourMs } from '../../trail/calendar.ts'
import { type Kind, kinds } from '../../trail/kind.ts'
import type { Window } from '../../trail/window.ts'
import type { PartNames } from '../../sinks/parquet/part-names.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { CopyGoal } from '../copy/options.ts'
import type { Rights } from '../rights.ts'
import type { Condition } from './filter/event-filter.ts'
import type { FoundRecords } from './found-records.ts'
import type { RecordForm } from './record-form.ts'
import type { SqlResult } from './sql/sql-result.ts'

/** The kinds of logs that hold events. A digest holds none. */
export const eventKinds = kinds.filter((kind): kind is Exclude<Kind, 'digest'> => kind !== 'digest')

/** Which records to find, and what to hand out of them. */
export interface EventsOptions {
  /** Which logs to read: accounts, log accounts, regions, kinds, globs. Its window is ignored; `window` is used instead. */
  readonly selection: Selection
  /** Files and folders to read instead of the bucket. If empty, the bucket is read. */
  readonly dirs: readonly string[]
  /** Only events that happened in this window. */
  readonly window: Window
  /** How long after an event its log may be delivered. Logs that were delivered this long after the window are also read. Default: 2 hours. */
  readonly lateMs: number
  /** A record must meet all of them. */
  readonly conditions: readonly Condition[]
  /** What to hand out of each record. Default: its bytes. */
  readonly form: RecordForm
  /** If false, all records that share an event id are handed out. */
  readonly unique: boolean
  /** If true, records are handed out in the order of event times, after all logs were read. A temporary folder holds what does not fit into memory. */
  readonly sorted: boolean
  /** Stop after this many records. */
  readonly limit?: number | undefined
  /** A log that is larger than this when unzipped fails. Default: 1 GiB. */
  readonly maxInflatedBytes: number
  /** Writes a journal to this folder. A shard always writes one. Default: as for `copy`. */
  readonly journalDir?: string | undefined
  /** Called with the matching records of each log that has any, in the order of the log. */
  readonly onFound?: ((found: FoundRecords) => void) | undefined
  /** Called before each log. If it returns a promise, the run waits for it, because the receiver is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const eventsDefaults = {
  selection: everything,
  dirs: [],
  window: {},
  lateMs: 2 * hourMs,
  conditions: [],
  form: { type: 'bytes' },
  unique: true,
  sorted: false,
  maxInflatedBytes: defaultMaxInflatedBytes,
} satisfies Partial<EventsOptions>

/** Which events one SELECT reads, and where its result goes. */
export interface QueryOptions extends Omit<EventsOptions, 'form' | 'sorted' | 'limit' | 'onFound' | 'whenWritable'> {
  /** One SELECT over the view `events`. It is checked before any log is read. */
  readonly sql: string
  /** Called once, when all logs were read. The result can be used until the returned promise settles. */
  readonly onResult: (result: SqlResult) => Promise<void>
}

/** Which events go to a Parquet dataset. */
export interface ExportOptions extends Omit<EventsOptions, 'form' | 'sorted' | 'unique' | 'onFound' | 'whenWritable'> {
  /** The folder of the dataset, which is created if it is missing, or its bucket. */
  readonly to: string | CopyGoal
}

/** The same for a slice of a run that many machines share. */
export interface SliceExport extends ExportOptions {
  /** The same for each attempt to run the slice. */
  readonly names?: PartNames | undefined
}

/** The engines whose SQL `schemaText` writes. */
export const schemaDialects = ['athena', 'duckdb', 'spark'] as const

export const eventsRights: Rights = { allow: ['download'], needs: ['list', 'read', 'decrypt'] }
