import type { Account, Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { PublicKeysAnswer } from '../identity/account-public-keys.ts'
import type { PublicKeysQuery } from '../identity/cloudtrail.ts'
import type { MfaAsker } from '../identity/mfa.ts'
import type { SessionPolicy } from '../identity/session-policy.ts'
import type { Session } from '../identity/session.ts'
import type { BucketAccess } from '../s3/bucket-access.ts'
import type { Bucket } from '../s3/bucket.ts'
import type { PartWriters } from '../sinks/parquet/part-writers.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { Concurrency } from '../work/concurrency.ts'
import type { Slice } from '../trail/slice.ts'
import type { RunJournal } from '../work/journal.ts'
import type { KeyFilter } from '../work/key-filter.ts'
import type { Limits } from '../work/limits.ts'
import type { ObjectAction } from '../work/object-action.ts'
import type { Listing } from '../work/plan.ts'
import type { RunListener } from '../work/run-event.ts'
import type { WorkerFrame } from '../work/run.ts'
import type { SliceWorker } from '../work/slice-worker.ts'
import type { Source, SourceSlice } from '../work/source.ts'
import type { Rights } from './rights.ts'

/** The log accounts that a session must reach. */
export type Reach = 'all' | readonly AccountId[]

/** What a verb runs on. */
export interface Host {
  readonly config: Config
  readonly env: Environment
  readonly buckets: BucketAccess
  readonly share: Concurrency
  readonly listener: RunListener
  /** If aborted: take no new objects, finish those in flight, write the journal, return an interrupted report. */
  readonly signal: AbortSignal
  readonly rights: Rights
  /** If set, the run writes its outcomes there instead of a journal of its own, also in a dry run. */
  readonly journal?: RunJournal | undefined
  /** Set if writers of Parquet files are kept for the next run. */
  readonly partWriters?: (() => Promise<PartWriters>) | undefined
  /** When the run began. */
  readonly nowMs: number
  /** Opens a session that is narrowed to these rights. Throws `access.…`, `config.unset-variable`, `interrupted`. */
  readonly session: (account: Account, rights: Rights, reach: Reach) => Promise<Session>
  /** Returns the ARNs of the sessions that were opened so far. */
  readonly sessions: () => readonly string[]
  /** Lists CloudTrail's public keys of a region with an account's session, else with its starting credentials. Throws `access.…`, `network.…`, `interrupted`. */
  readonly publicKeys: (account: Account, session: Session, query: PublicKeysQuery) => Promise<PublicKeysAnswer>
  /** Returns a session's policy, or undefined if sessions are not narrowed. Throws what `session` throws before its first call. */
  readonly policyOf: (account: Account, rights: Rights, reach: Reach) => SessionPolicy | undefined
  /** Whether sessions are narrowed to what a verb needs. */
  readonly narrows: boolean
  readonly mfaPrompt: MfaAsker
  /** The code from the command line. */
  readonly mfaCode: string | undefined
  /** Starts a worker that runs slices in this thread and in helping threads. */
  readonly work: <J, B extends Listing = Bucket>(frame: WorkerFrame<B>, work: SliceJob<J, NoInfer<B>>) => SliceWorker
  /** The same for objects of the bucket that come from another source than its listing. */
  readonly workFrom: <J, B extends Listing, S extends SourceSlice>(
    frame: WorkerFrame<B>,
    work: BucketJob<J, NoInfer<B>, S>,
  ) => SliceWorker<S>
  /** Starts a worker for objects of another source than the bucket. */
  readonly workOn: <J, B, S extends SourceSlice>(frame: WorkerFrame<B>, work: SourceJob<J, B, S>) => SliceWorker<S>
  /** Calls `act` when the Crosstrail object is closed. */
  readonly whenClosed: (act: () => void) => void
}

/** What to do with the objects of slices. */
interface ObjectJob<J, B, S> {
  /** Plain data: JSON carries it to another thread or machine. */
  readonly job: J
  /** Makes the action that takes objects from the job. */
  readonly open: (job: J, tools: JobTools) => ObjectAction<B, unknown, S>
  /** Whether other threads may help with this job. */
  readonly threads?: boolean | undefined
  /** Called before each object. While it returns a promise, the run waits for it, because the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

interface OpenedJob<J, B, S> extends ObjectJob<J, B, S> {
  readonly limits: Limits
  /** Returns the session of an account whose session is open. */
  readonly keysOf: (account: string) => Session
}

/** What to do with the objects of a bucket's slices. */
export interface SliceJob<J, B = Bucket> extends OpenedJob<J, B, Slice> {
  readonly filter: KeyFilter
}

/** What to do with objects of the bucket that another source gives. */
export interface BucketJob<J, B, S extends SourceSlice> extends OpenedJob<J, B, S> {
  readonly source: Source<S>
  /** Maximum number of slices in progress. */
  readonly listings: number
  /** True: slices end only with the run and list nothing, so that a limit on listings would leave some of them unread. */
  readonly lasting?: boolean | undefined
}

/** What to do with objects of another source than the bucket. */
export interface SourceJob<J, B, S extends SourceSlice> extends ObjectJob<J, B, S> {
  readonly source: Source<S>
  /** Default: no limit. */
  readonly limits?: Limits | undefined
  /** Maximum number of slices in progress. */
  readonly listings: number
  /** Maximum number of objects in progress. */
  readonly maxTasks: number
}

export interface JobTools {
  /** If aborted: list nothing more and take nothing more. */
  readonly signal: AbortSignal
  /** If aborted: also give up waiting retries. */
  readonly actSignal: AbortSignal
  readonly limits: Limits
}
