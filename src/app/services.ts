import type { Config } from '../config/config.ts'
import type { StorageOptions } from '../s3/copy-target.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { Thaw } from '../sinks/bucket/sides.ts'
import type { Diagnosis } from '../verbs/doctor/doctor.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import type { Summary } from '../verbs/list/summary.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'
import type { Environment } from '../cli/command.ts'
import type { CredentialsRequest, HandedSession } from './creds-service.ts'
import type { DeletionServices } from './delete-service.ts'
import type { DoctorHearer, DoctorRequest } from './doctor-service.ts'
import type { PullAsked, PullHearers } from './pull-service.ts'

/** How calls go out. Undefined: the default, which for threads is as many as pay. */
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

export interface CopyRequest extends RunRequest {
  /** `s3://bucket/prefix`. */
  readonly to: string
  /** Whose the target bucket must be. Undefined: of the account whose role writes there, else the trail's owner. */
  readonly toOwner: AccountId | undefined
  /** Where the target bucket is. Undefined: where the trail's is. */
  readonly toRegion: string | undefined
  /** The account that writes, where it is not the one that reads. */
  readonly toAccount: string | undefined
  readonly storage: StorageOptions
  readonly verify: boolean
  readonly overwrite: boolean
  readonly dryRun: boolean
  readonly maxObjects: number | undefined
  readonly maxBytes: number | undefined
  readonly thaw: Thaw | undefined
  /** Undefined: the user's state folder. */
  readonly journalDir: string | undefined
}

/** A bucket that an account's role can see. */
export interface VisibleBucket {
  readonly account: string
  readonly name: string
  readonly createdMs?: number | undefined
  readonly region?: string | undefined
}

/** What commands need of the floors below. `app/context.ts` builds it. */
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
  /** Throws `usage.invalid-value`, `usage.copy-onto-itself`, and what keeps the writing account out. */
  copy(request: CopyRequest, listener: RunListener): Promise<RunReport>
  readonly deletion: DeletionServices
  /** One pull, with sessions of its own. Throws `lock.held`, `coverage.…`, `disk.…`, and what keeps a writing account out. */
  pull(request: PullAsked, hearers: PullHearers): Promise<PullReport>
  /** A session to be handed out. Throws `access.…`, `usage.unknown-account`, `usage.no-keyring`. */
  credentials(request: CredentialsRequest, listener: RunListener): Promise<HandedSession>
  /** Tries every step of the accounts' ways in, and changes nothing. Throws `usage.…`, `interrupted`. */
  doctor(request: DoctorRequest, hearer: DoctorHearer): Promise<readonly Diagnosis[]>
  /** Lets go of sockets and threads. */
  close(): Promise<void>
}

/** Loads the config, and nothing that goes to AWS before a verb is called. Throws `config.…`. */
export type OpenServices = (request: OpenRequest) => Promise<Services>
