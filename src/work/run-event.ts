import type { CrosstrailError } from '../error.ts'
import type { Outcome } from './outcome.ts'
import type { Tally } from './tally.ts'

/**
 * What a run says while it goes. The library speaks in these and prints nothing; text, NDJSON and progress are renderings of them.
 */
export type RunEvent =
  /** An account's session stands; its slices are being listed. */
  | {
      readonly type: 'account-started'
      readonly account: string
      readonly logAccounts: number
      readonly slices: number
    }
  /** A page was listed: so many more selected objects are known of. For totals of progress bars. */
  | {
      readonly type: 'listed'
      readonly account: string
      readonly objects: number
      readonly bytes: number
      /** When the store answered with the page, by its own clock. Comes before the page's objects are taken. */
      readonly answeredAtMs?: number | undefined
    }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  /** Every slice of the account has been listed to its end: the totals are final. */
  | { readonly type: 'listing-finished'; readonly account: string }
  /** The account failed: its session, its bucket or a listing. The other accounts continue. */
  | { readonly type: 'account-failed'; readonly account: string; readonly error: CrosstrailError }
  /** Something worth knowing that is no failure: a redirect followed, a coarser session policy, a smaller duration. */
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
  /** Set when the account could not go on. */
  readonly error?: CrosstrailError | undefined
  /** Listings that failed or were not begun for it: what they hold is not in the tally. */
  readonly unlisted?: number | undefined
  readonly seconds: number
}

/** A name of the selection for which the bucket has no folder. */
export interface MissingName {
  readonly what: 'log account' | 'region' | 'kind'
  readonly name: string
}

/** What `copy --verify` compared, and by what: `md5`, `etag`, `content` (the SHA-256 of both), `size`, or checksums such as `crc64nvme`. */
export interface Verification {
  /** Copies that were made. */
  readonly verified: number
  readonly verifiedBy: Readonly<Record<string, number>>
  /** What was there already. */
  readonly present: number
  readonly presentBy: Readonly<Record<string, number>>
}

/** What a run came to. */
export interface RunReport {
  readonly accounts: readonly AccountReport[]
  readonly total: Tally
  readonly seconds: number
  /** True when a signal or a caller stopped it before its end. */
  readonly interrupted: boolean
  /** What ended it for all accounts, such as a full disk. */
  readonly error?: CrosstrailError | undefined
  /** What the selection names and the bucket has no folder of. Empty if not everything could be looked for. */
  readonly missing?: readonly MissingName[] | undefined
  /** Of a run that verifies. */
  readonly verification?: Verification | undefined
  /** The journal it left behind. */
  readonly journalFile?: string | undefined
}
