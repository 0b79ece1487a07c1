import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import { hourMs } from '../../trail/calendar.ts'
import type { Window } from '../../trail/window.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'
import type { Condition } from './filter/event-filter.ts'
import type { FoundRecords } from './found-records.ts'
import type { RecordForm } from './record-form.ts'
import type { SqlResult } from './sql/sql-result.ts'

/** Which records are wanted, and what of them. */
export interface EventsOptions {
  /** Which logs are read: accounts, log accounts, regions, kinds, globs. Its window is not used: see `window`. */
  readonly selection: Selection
  /** Files and folders to read in place of the bucket. Empty: the bucket. */
  readonly dirs: readonly string[]
  /** When the events happened. */
  readonly window: Window
  /** How long after an event its log may be delivered. Logs are read that much beyond the window. Default: 2 hours. */
  readonly lateMs: number
  /** All of them must hold. */
  readonly conditions: readonly Condition[]
  /** What is handed out of each record. Default: its bytes. */
  readonly form: RecordForm
  /** False: records that share an event id are all handed out. */
  readonly unique: boolean
  /** True: in the order of event times, once all logs were read. What does not fit into memory waits in a temporary folder. */
  readonly sorted: boolean
  /** Stop once so many records were handed out. */
  readonly limit?: number | undefined
  /** A log that is larger unzipped fails. Default: 1 GiB. */
  readonly maxInflatedBytes: number
  /** Gets the records of each log that has any, in the order of the log. */
  readonly onFound?: ((found: FoundRecords) => void) | undefined
  /** Called before each log. While it returns a promise, the run waits for it, because the reader is slower than the run. */
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
  /** The folder of the dataset. It is created if it is missing. */
  readonly to: string
}

/** The engines whose SQL `schemaText` writes. */
export const schemaDialects = ['athena', 'duckdb', 'spark'] as const

export const eventsRights: Rights = { allow: ['download'], needs: ['list', 'read', 'decrypt'] }
