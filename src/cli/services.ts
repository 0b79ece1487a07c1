import type { Config } from '../config/config.ts'
import type { Summary } from '../verbs/summary.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'
import type { Environment } from './command.ts'

/** How calls go out. Undefined: the default. */
export interface ConnectionArgs {
  readonly concurrency: number | undefined
  readonly threads: number | undefined
  readonly timeoutMs: number | undefined
  readonly maxAttempts: number | undefined
}

/** What every command that goes to AWS is given. */
export interface CommonArgs {
  readonly configFile: string | undefined
  readonly sessionPolicy: boolean
  readonly mfaCode: string | undefined
  readonly connection: ConnectionArgs
}

export interface OpenRequest {
  readonly args: CommonArgs
  readonly env: Environment
  /** Aborted: take no new objects, finish those in flight, write the journal, return an interrupted report. */
  readonly signal: AbortSignal
  /** Asks on the terminal. Undefined where there is none. */
  readonly askMfaCode: ((serial: string, account: string) => Promise<string>) | undefined
  readonly nowMs: number
}

interface RunRequest {
  readonly selection: Selection
  /** To be awaited between pages where it is a promise: the reader of the results is slower than the run. */
  readonly whenWritable: () => Promise<void> | undefined
}

export interface ListRequest extends RunRequest {
  /** In key order per slice. */
  readonly sorted: boolean
  readonly maxObjects: number | undefined
}

/** How keys become paths: mirrored, all in one folder, or a folder for each account. */
export type Layout = 'key' | 'flat' | 'account'

export interface DownloadRequest extends RunRequest {
  readonly to: string
  readonly layout: Layout
  readonly decompress: boolean
  readonly overwrite: boolean
  readonly dryRun: boolean
  readonly maxObjects: number | undefined
  readonly maxBytes: number | undefined
  readonly maxInflatedBytes: number
}

/** A bucket that an account's role can see. */
export interface VisibleBucket {
  readonly account: string
  readonly name: string
  readonly createdMs?: number | undefined
  readonly region?: string | undefined
}

/** What commands need of the floors below. `cli/context.ts` builds it. */
export interface Services {
  readonly config: Config
  /** Listed objects come as outcomes that are done. */
  list(request: ListRequest, listener: RunListener): Promise<RunReport>
  /** The same listing, counted and not shown one by one. */
  summarize(
    request: ListRequest,
    listener: RunListener,
  ): Promise<{ readonly report: RunReport; readonly summary: Summary }>
  /** Calls the listener with `account-failed` for an account whose role can't be assumed or may not list buckets. */
  listBuckets(
    accounts: readonly string[],
    listener: RunListener,
  ): Promise<{ report: RunReport; buckets: readonly VisibleBucket[] }>
  download(request: DownloadRequest, listener: RunListener): Promise<RunReport>
  /** Lets go of sockets and threads. */
  close(): Promise<void>
}

/** Loads the config, and nothing that goes to AWS before a verb is called. Throws `config.…`. */
export type OpenServices = (request: OpenRequest) => Promise<Services>
