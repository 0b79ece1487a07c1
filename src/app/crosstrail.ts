import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { MfaPrompt } from '../identity/mfa.ts'
import type { copy } from '../verbs/copy/copy.ts'
import type { creds } from '../verbs/creds/creds.ts'
import type { checkPlan, deletePlanned, planDelete, readPlan } from '../verbs/delete/delete.ts'
import type { doctor } from '../verbs/doctor/doctor.ts'
import type { download } from '../verbs/download/download.ts'
import type { list, listBuckets, summarize } from '../verbs/list/list.ts'
import type { checkPolicy, policy } from '../verbs/policy/policy.ts'
import type { pull } from '../verbs/pull/pull.ts'
import type { StreamStatus } from '../verbs/pull/report.ts'
import type { PullStatusOptions } from '../verbs/pull/stream-status.ts'
import type { readJournal, restore } from '../verbs/restore/restore.ts'
import type { Given, Verb } from '../verbs/verb.ts'
import type { RunListener } from '../work/run-event.ts'

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
  /** Threads that download, this one among them: 1 to 64, 1 by default. `auto`: as many as pay. */
  readonly threads?: number | 'auto' | undefined
  /** How long an answer may stand still. */
  readonly timeoutMs?: number | undefined
  /** Tries of a call before it counts as failed, 1 to 20. */
  readonly maxAttempts?: number | undefined
}

/** A verb as a method: options, and who hears what happens. */
type Method<V extends { readonly defaults: object; readonly run: (options: never, host: never) => unknown }> =
  object extends GivenTo<V>
    ? (options?: GivenTo<V>, listener?: RunListener) => ReturnType<V['run']>
    : (options: GivenTo<V>, listener?: RunListener) => ReturnType<V['run']>

type GivenTo<V extends { readonly defaults: object; readonly run: (options: never, host: never) => unknown }> = Given<
  Parameters<V['run']>[0],
  V['defaults']
>

/**
 * crosstrail as one object: every verb, on the accounts of one config. It prints nothing; a listener hears what happens.
 * Objects and accounts that fail are in the report: a verb rejects only if it cannot run at all.
 */
export interface Crosstrail {
  readonly config: Config
  /** Each log object comes to the listener as an outcome that is done. */
  readonly list: Method<typeof list>
  /** The same listing, counted by account, log account, region, kind and day. */
  readonly summarize: Method<typeof summarize>
  /** The buckets that the accounts' roles can see. */
  readonly listBuckets: Method<typeof listBuckets>
  /** Rejects with `usage.invalid-value` if `to` is an address, and with `disk.…` if the folder cannot be used. */
  readonly download: Method<typeof download>
  /** Rejects with `usage.invalid-value`, `usage.copy-onto-itself`, and what keeps the writing account out. */
  readonly copy: Method<typeof copy>
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
   * One pull, with sessions of its own. Rejects with `lock.held` if another pull is at work on the target, with `coverage.…`, `disk.…`, and
   * with what keeps a writing account out.
   */
  readonly pull: Method<typeof pull>
  /** How far pulls to a target have come. Asks nobody. Throws `coverage.none`, `coverage.damaged`, `coverage.newer`. */
  pullStatus(options: PullStatusOptions): readonly StreamStatus[]
  /** Tries every step of the accounts' ways in, and changes nothing. Rejects with `usage.…`, `interrupted`. */
  readonly doctor: Method<typeof doctor>
  /** The policies that both sides need. Sends nothing. Rejects with `usage.…`. */
  readonly policies: Method<typeof policy>
  /** Compares a policy that somebody has with the one it is meant to be. Rejects with `usage.…`. */
  readonly checkPolicy: Method<typeof checkPolicy>
  /** A session to be handed out. Rejects with `access.…`, `usage.unknown-account`, `usage.no-keyring`. */
  readonly credentials: Method<typeof creds>
  /** Lets go of sockets and of copies of plans. */
  close(): Promise<void>
}

/** The same object, as the command line has it: a new verb needs no method to be run. */
export interface CrosstrailApp extends Crosstrail {
  /** Runs any verb. The methods are this one with a verb each. */
  run<Options extends object, Defaults extends Partial<Options>, Report>(
    verb: Verb<Options, Defaults, Report>,
    options: Given<Options, Defaults>,
    listener?: RunListener,
  ): Promise<Report>
}

/**
 * Opens the config. Nothing goes to AWS before a verb is called. Throws CrosstrailError `config.…`.
 */
export type OpenApp = (options: CrosstrailOptions) => Promise<CrosstrailApp>
