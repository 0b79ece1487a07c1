import type { CrosstrailError } from '../error.ts'
import type { KeyParts, ListedObject } from '../trail/log-object.ts'

/** Why an object was skipped. Skips are expected and are not failures. */
export const skipReasons = [
  'present', // complete at the target already
  'covered', // taken by an earlier pull
  'archived', // GLACIER, DEEP_ARCHIVE or archived INTELLIGENT_TIERING, not restored
  'foreign', // under the prefix, but not a log of the trail
  'unselected', // a log, but excluded by --include or --exclude
  'limit', // beyond --max-objects or --max-bytes
  'dry-run', // would have been acted on
  'logs-remain', // a digest whose logs are not all deleted
  'not-archived', // the archive does not have it
  'archive-differs', // the archive has another object under its key
  'not-compared', // the archive could not be read
  'unverified', // no proven digest lists it with the content that it has
] as const

export type SkipReason = (typeof skipReasons)[number]

/** Facts that a verb adds to an outcome, for the journal and `--output json`. */
export type OutcomeDetail = Readonly<Record<string, string | number | boolean>>

/** The object of an outcome. Foreign objects have no parts. */
export type OutcomeObject = ListedObject & Partial<KeyParts>

export interface DoneOutcome {
  readonly status: 'done'
  readonly account: string
  readonly object: OutcomeObject
  /** The number of bytes moved. */
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

/** The result for one object. A value, never an exception. */
export type Outcome = DoneOutcome | SkippedOutcome | FailedOutcome
