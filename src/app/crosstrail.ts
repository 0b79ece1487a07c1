import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { MfaPrompt } from '../identity/mfa.ts'
import type { copy } from '../verbs/copy/copy.ts'
import type { creds } from '../verbs/creds/creds.ts'
import type { checkPlan, deletePlanned, planDelete, readPlan } from '../verbs/delete/delete.ts'
import type { doctor } from '../verbs/doctor/doctor.ts'
import type { download } from '../verbs/download/download.ts'
import type { events, exportEvents, queryEvents } from '../verbs/events/events.ts'
import type { list, listBuckets, summarize } from '../verbs/list/list.ts'
import type { checkPolicy, policy } from '../verbs/policy/policy.ts'
import type { pull } from '../verbs/pull/pull.ts'
import type { StreamStatus } from '../verbs/pull/report.ts'
import type { PullStatusOptions } from '../verbs/pull/stream-status.ts'
import type { readJournal, restore } from '../verbs/restore/restore.ts'
import type { report } from '../verbs/report/report.ts'
import type { verify } from '../verbs/verify/verify.ts'
import type { Reach } from '../verbs/host.ts'
import type { Given, Verb } from '../verbs/verb.ts'
import type { OpenQueues, QueuesOptions } from './open-queues.ts'
import type { RunJournal } from '../work/journal.ts'
import type { RunListener } from '../work/run-event.ts'

export interface CrosstrailOptions {
  /** If it is not given, crosstrail looks in the default places. */
  readonly configFile?: string | undefined
  /** Default: `process.env`. The SDK always reads `process.env`. */
  readonly env?: Environment | undefined
  /** If it is aborted, a run starts no new object and finishes those in progress. */
  readonly signal?: AbortSignal | undefined
  /** False: sessions get all rights of their roles. */
  readonly sessionPolicy?: boolean | undefined
  readonly mfaCode?: string | undefined
  readonly askMfaCode?: MfaPrompt | undefined
  /** The limit of concurrent calls, 1 to 512. */
  readonly concurrency?: number | undefined
  /** Threads that download, including this one: 1 to 64, default 1. `auto`: as many as save time. */
  readonly threads?: number | 'auto' | undefined
  /** Aborts a request that receives no data for this long. */
  readonly timeoutMs?: number | undefined
  /** Returns how many S3 calls may start per second at most. It is asked for each call, and needs `threads: 1`. Default: no limit. */
  readonly mostCallsPerSecond?: (() => number) | undefined
  /** Attempts of a call before it counts as failed, 1 to 20. */
  readonly maxAttempts?: number | undefined
}

type Method<V extends { readonly defaults: object; readonly run: (options: never, host: never) => unknown }> =
  object extends GivenTo<V>
    ? (options?: GivenTo<V>, listener?: RunListener) => ReturnType<V['run']>
    : (options: GivenTo<V>, listener?: RunListener) => ReturnType<V['run']>

type GivenTo<V extends { readonly defaults: object; readonly run: (options: never, host: never) => unknown }> = Given<
  Parameters<V['run']>[0],
  V['defaults']
>

/**
 * crosstrail as one object: every verb, on the accounts of one config. It prints nothing; a listener gets the events.
 * Objects and accounts that fail are in the report. A verb rejects only if it cannot run at all.
 */
export interface Crosstrail {
  readonly config: Config
  /** The listener gets each log object as an outcome `done`. */
  readonly list: Method<typeof list>
  /** The same listing, counted by account, log account, region, kind and day. */
  readonly summarize: Method<typeof summarize>
  /** Lists the buckets that the accounts' roles can see. */
  readonly listBuckets: Method<typeof listBuckets>
  /** Rejects with `usage.invalid-value` if `to` is an address, and with `disk.…` if the folder cannot be used. */
  readonly download: Method<typeof download>
  /** Rejects with `usage.invalid-value`, `usage.copy-onto-itself`, and with the error of an account that cannot write. */
  readonly copy: Method<typeof copy>
  /** Finds the records of events in the bucket's logs, or in folders. Rejects with `usage.…`. */
  readonly events: Method<typeof events>
  /** Runs one SELECT over events, or over a Parquet dataset. Rejects with `usage.no-duckdb`, `usage.sql…`, and as `events`. */
  readonly queryEvents: Method<typeof queryEvents>
  /** Writes events into a Parquet dataset. Rejects with `usage.no-duckdb`, `disk.…`, and as `events`. */
  readonly exportEvents: Method<typeof exportEvents>
  /** Writes a plan of what to delete, and deletes nothing. Rejects with `usage.…`, `disk.…`, `access.verb-not-allowed`. */
  readonly planDelete: Method<typeof planDelete>
  /** Reads the file of a plan once. Rejects with `usage.plan-edited`, `usage.not-a-plan`, `usage.unreadable-file`. */
  readonly readPlan: Method<typeof readPlan>
  /** Says which safety limits a plan exceeds, and how its bucket is protected. */
  readonly checkPlan: Method<typeof checkPlan>
  /** Deletes exactly what a plan names. Rejects with `usage.delete-…` if the plan exceeds a safety limit, and with `usage.plan-…`. */
  readonly delete: Method<typeof deletePlanned>
  /** Reads the journal of a delete once. Rejects with `usage.no-journal`, `usage.not-a-journal`, `usage.journal-…`. */
  readonly readJournal: Method<typeof readJournal>
  /** Undoes a delete on a versioned bucket. Rejects with `access.verb-not-allowed`, `disk.journal`. */
  readonly restore: Method<typeof restore>
  /**
   * Runs one pull, with its own sessions. Rejects with `lock.held` if another pull holds the target, with `coverage.…`, `disk.…`, and
   * with the error of an account that cannot write.
   */
  readonly pull: Method<typeof pull>
  /** Returns how far pulls to a target have come. Sends nothing. Throws `coverage.none`, `coverage.damaged`, `coverage.newer`. */
  pullStatus(options: PullStatusOptions): readonly StreamStatus[]
  /**
   * Proves that logs in the bucket, or in folders, are complete and unchanged. What does not prove right is a finding in the report, not a
   * rejection. Rejects with `usage.…`, `config.public-key`.
   */
  readonly verify: Method<typeof verify>
  /**
   * Reports what is complete, what is missing and what could not be checked, as figures. Reads listings and digests, and logs only with `verify` or
   * `events`. Rejects with `usage.…`, `config.public-key`.
   */
  readonly report: Method<typeof report>
  /** Checks access step by step, and changes nothing. Rejects with `usage.…`, `interrupted`. */
  readonly doctor: Method<typeof doctor>
  /** Returns the policies that both sides need. Sends nothing. Rejects with `usage.…`. */
  readonly policies: Method<typeof policy>
  /** Compares a policy in use with the one that is needed. Rejects with `usage.…`. */
  readonly checkPolicy: Method<typeof checkPolicy>
  /** Opens a session for another program. Rejects with `access.…`, `usage.unknown-account`, `usage.no-keyring`. */
  readonly credentials: Method<typeof creds>
  /**
   * Opens the queues that announce logs, and begins to receive. Give the result to `pull`, and close it at the end. Rejects with `usage.queue-url`,
   * `usage.no-queue`, `usage.unknown-account`, `config.unset-variable`.
   */
  openQueues(options?: QueuesOptions, listener?: RunListener): Promise<OpenQueues>
  /** Closes sockets, and removes copies of plans. */
  close(): Promise<void>
}

/** A run that is one of many parts of a larger one, which share an app. */
export interface RunPart {
  /** Stops this part alone, as the signal of the app stops all. */
  readonly signal: AbortSignal
  readonly journal: RunJournal
  /**
   * The log accounts that the session of an account must reach, by its label: those of all parts. Sessions stay open for the parts that follow and need
   * the same rights.
   */
  readonly reach: (account: string) => Reach
}

/** The same object for the command line. `run` can run a new verb before it has a method. */
export interface CrosstrailApp extends Crosstrail {
  /** S3 calls of this thread that are under way or wait, as a share of how many may be under way. Above 1 calls wait. */
  readonly callLoad: number
  /** Runs any verb. Each method calls this one with its verb. */
  run<Options extends object, Defaults extends Partial<Options>, Report>(
    verb: Verb<Options, Defaults, Report>,
    options: Given<Options, Defaults>,
    listener?: RunListener,
    part?: RunPart,
  ): Promise<Report>
}

/** Opens the config. Sends nothing to AWS until a verb is called. Throws CrosstrailError `config.…`. */
export type OpenApp = (options: CrosstrailOptions) => Promise<CrosstrailApp>
