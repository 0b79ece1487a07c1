import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { MfaPrompt } from '../identity/mfa.ts'
import type { CopyOptions } from '../verbs/copy/options.ts'
import type { copy } from '../verbs/copy/copy.ts'
import type { CredentialsOptions } from '../verbs/creds/creds.ts'
import type { HandedSession } from '../verbs/creds/handed-session.ts'
import type { DeletionServices } from '../verbs/delete/deletion-services.ts'
import type { DoctorOptions } from '../verbs/doctor/options.ts'
import type { doctor } from '../verbs/doctor/doctor.ts'
import type { Diagnosis } from '../verbs/doctor/examine.ts'
import type { DownloadOptions } from '../verbs/download/options.ts'
import type { download } from '../verbs/download/download.ts'
import type { ListOptions } from '../verbs/list/options.ts'
import type { list } from '../verbs/list/list.ts'
import type { VisibleBucket } from '../verbs/list/own-buckets.ts'
import type { Summary } from '../verbs/list/summary.ts'
import type { PolicyCheck, PolicySet } from '../verbs/policy/policies.ts'
import type { PolicyOptions } from '../verbs/policy/policy.ts'
import type { PullOptions } from '../verbs/pull/options.ts'
import type { pull } from '../verbs/pull/pull.ts'
import type { PullReport, StreamStatus } from '../verbs/pull/report.ts'
import type { PullStatusOptions } from '../verbs/pull/stream-status.ts'
import type { Given } from '../verbs/verb.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'

export interface CrosstrailOptions {
  /** Looked for in the usual places if it is not given. */
  readonly configFile?: string | undefined
  /** `process.env` if it is not given. The SDK reads `process.env` in any case. */
  readonly env?: Environment | undefined
  /** Aborted: nothing new is taken, and what is under way is finished. */
  readonly signal?: AbortSignal | undefined
  /** False for sessions as wide as their roles. */
  readonly sessionPolicy?: boolean | undefined
  readonly mfaCode?: string | undefined
  readonly askMfaCode?: MfaPrompt | undefined
  /** The ceiling of calls under way, 1 to 512. */
  readonly concurrency?: number | undefined
  /** Threads that download, this one among them: 1 by default. `auto`: as many as pay. */
  readonly threads?: number | 'auto' | undefined
  /** How long an answer may stand still. */
  readonly timeoutMs?: number | undefined
  readonly maxAttempts?: number | undefined
  /** The time now, if it is not to be that of the system. */
  readonly nowMs?: number | undefined
}

type ListGiven = Given<ListOptions, typeof list.defaults>

/**
 * crosstrail as one object: every verb, on the accounts of one config. It prints nothing; a listener hears what happens.
 * Objects and accounts that fail are in the report: a verb rejects only if it cannot run at all.
 */
export interface Crosstrail {
  readonly config: Config
  /** Each log object comes to the listener as an outcome that is done. */
  list(options: ListGiven, listener?: RunListener): Promise<RunReport>
  /** The same listing, counted by account, log account, region, kind and day. */
  summarize(
    options: ListGiven,
    listener?: RunListener,
  ): Promise<{ readonly report: RunReport; readonly summary: Summary }>
  /** The buckets that the accounts' roles can see. */
  listBuckets(
    accounts?: readonly string[],
    listener?: RunListener,
  ): Promise<{ readonly report: RunReport; readonly buckets: readonly VisibleBucket[] }>
  /** Rejects with `usage.invalid-value` if `to` is an address, and with `disk.…` if the folder cannot be used. */
  download(options: Given<DownloadOptions, typeof download.defaults>, listener?: RunListener): Promise<RunReport>
  /** Rejects with `usage.invalid-value`, `usage.copy-onto-itself`, and what keeps the writing account out. */
  copy(options: Given<CopyOptions, typeof copy.defaults>, listener?: RunListener): Promise<RunReport>
  /** Planning a delete, carrying it out, and taking it back. */
  readonly deletion: DeletionServices
  /**
   * One pull, with sessions of its own. Rejects with `lock.held` if another pull is at work on the target, with `coverage.…`, `disk.…`, and
   * with what keeps a writing account out.
   */
  pull(options: Given<PullOptions, typeof pull.defaults>, listener?: RunListener): Promise<PullReport>
  /** How far pulls to a target have come. Asks nobody. Throws `coverage.none`, `coverage.damaged`, `coverage.newer`. */
  pullStatus(options: PullStatusOptions): readonly StreamStatus[]
  /** Tries every step of the accounts' ways in, and changes nothing. Rejects with `usage.…`, `interrupted`. */
  doctor(options?: Given<DoctorOptions, typeof doctor.defaults>): Promise<readonly Diagnosis[]>
  /** The policies that both sides need. Sends nothing. Rejects with `usage.…`. */
  policies(options?: PolicyOptions): Promise<PolicySet>
  /** Compares a policy that somebody has with the one it is meant to be. Rejects with `usage.…`. */
  checkPolicy(text: string, options?: PolicyOptions): Promise<PolicyCheck>
  /** A session to be handed out. Rejects with `access.…`, `usage.unknown-account`, `usage.no-keyring`. */
  credentials(options: CredentialsOptions, listener?: RunListener): Promise<HandedSession>
  /** Lets go of sockets and of copies of plans. */
  close(): Promise<void>
}

/**
 * Opens the config. Nothing goes to AWS before a verb is called. Throws CrosstrailError `config.…`.
 */
export type OpenCrosstrail = (options: CrosstrailOptions) => Promise<Crosstrail>
