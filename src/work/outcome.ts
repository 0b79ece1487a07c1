import type { CrosstrailError } from '../error.ts'
import type { KeyParts, ListedObject } from '../trail/log-object.ts'

/** Why an object was left alone. Skips are expected and are no failures. */
export const skipReasons = [
  'present', // there already and right
  'covered', // taken by an earlier pull
  'archived', // GLACIER, DEEP_ARCHIVE or archived INTELLIGENT_TIERING, not restored
  'foreign', // under the prefix, and no log of the trail
  'unselected', // a log, and excluded by --include or --exclude
  'limit', // beyond --max-objects or --max-bytes
  'dry-run', // would have been acted on
  'logs-remain', // a digest, and a log that it vouches for stays
  'not-archived', // the archive does not have it
  'archive-differs', // the archive has something else under its key
  'not-compared', // the archive could not be read
] as const

export type SkipReason = (typeof skipReasons)[number]

/** Facts a verb adds to an outcome, for the journal and `--output json`. */
export type OutcomeDetail = Readonly<Record<string, string | number | boolean>>

/** An object as an outcome names it: foreign objects have no parts. */
export type OutcomeObject = ListedObject & Partial<KeyParts>

export interface DoneOutcome {
  readonly status: 'done'
  readonly account: string
  readonly object: OutcomeObject
  /** Bytes moved for it. */
  readonly bytes: number
  readonly detail?: OutcomeDetail | undefined
  /** What was read of it: plain data, for the verb alone. */
  readonly found?: unknown
}

export interface SkippedOutcome {
  readonly status: 'skipped'
  readonly account: string
  readonly object: OutcomeObject
  readonly reason: SkipReason
  readonly detail?: OutcomeDetail | undefined
}

export interface FailedOutcome {
  readonly status: 'failed'
  readonly account: string
  readonly object: OutcomeObject
  readonly error: CrosstrailError
}

/** What became of one object. A value, never an exception. */
export type Outcome = DoneOutcome | SkippedOutcome | FailedOutcome
