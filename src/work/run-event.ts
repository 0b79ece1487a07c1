import type { CrosstrailError } from '../error.ts'
import type { Outcome } from './outcome.ts'
import type { Tally } from './tally.ts'

/** What a run reports. The library prints nothing; text, NDJSON and progress are made from these events. */
export type RunEvent =
  /** The account's session is open; its slices are being listed. */
  | {
      readonly type: 'account-started'
      readonly account: string
      readonly logAccounts: number
      readonly slices: number
    }
  /** A page was listed, so this many more selected objects are known. For totals of progress bars. */
  | {
      readonly type: 'listed'
      readonly account: string
      readonly objects: number
      readonly bytes: number
      /** When the store answered with the page, by its own clock. Sent before the page's objects are taken. */
      readonly answeredAtMs?: number | undefined
    }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  /** Every slice of the account has been listed completely; the totals are final. */
  | { readonly type: 'listing-finished'; readonly account: string }
  /** The account failed: its session, its bucket or a listing. The other accounts continue. */
  | { readonly type: 'account-failed'; readonly account: string; readonly error: CrosstrailError }
  /** The logs that were taken are being verified. It shows that the run makes progress. */
  | { readonly type: 'verifying'; readonly account: string }
  /** Something worth knowing that is not a failure: a redirect followed, a coarser session policy, a smaller duration. */
  | {
      readonly type: 'note'
      readonly level: 'info' | 'warning'
      readonly code: string
      readonly message: string
      readonly account?: string | undefined
    }

export type RunListener = (event: RunEvent) => void

/** One account's part of a run. */
export interface AccountReport {
  readonly account: string
  readonly tally: Tally
  /** Set if the account could not continue. */
  readonly error?: CrosstrailError | undefined
  /** The number of listings that failed or were not begun. Their objects are not in the tally. */
  readonly unlisted?: number | undefined
  readonly seconds: number
}

/** A name of the selection for which the bucket has no folder. */
export interface MissingName {
  readonly what: 'log account' | 'region' | 'kind'
  readonly name: string
}

/** What `copy --verify` compared, and how: `md5`, `etag`, `content` (the SHA-256 of both), `size`, or checksums such as `crc64nvme`. */
export interface Verification {
  /** Copies that were made. */
  readonly verified: number
  readonly verifiedBy: Readonly<Record<string, number>>
  /** Copies that were present before. */
  readonly present: number
  readonly presentBy: Readonly<Record<string, number>>
}

/** The result of a run. */
export interface RunReport {
  readonly accounts: readonly AccountReport[]
  readonly total: Tally
  readonly seconds: number
  /** True if a signal or the caller stopped it early. */
  readonly interrupted: boolean
  /** What ended the run for all accounts, such as a full disk. */
  readonly error?: CrosstrailError | undefined
  /** Selected names for which the bucket has no folder. Empty if not every folder could be checked. */
  readonly missing?: readonly MissingName[] | undefined
  /** Set if the run verifies. */
  readonly verification?: Verification | undefined
  /** The journal of the run. */
  readonly journalFile?: string | undefined
}
