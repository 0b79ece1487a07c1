import type { AccountId } from '../../trail/account-id.ts'
import type { Kind } from '../../trail/kind.ts'

/** The version of the document. It changes if a field changes its meaning or goes. */
export const figuresVersion = 1

/**
 * What one log account and region did on one day (or in one week), from best to worst:
 * `none`: before its first log, after the window, or outside of the selection.
 * `quiet`: no logs, and proven digests say that there were none.
 * `verified`: every log has the hash that a proven digest lists. Only with `--verify`.
 * `delivered`: every log is listed by a proven digest. Their hashes were not compared.
 * `no-digests`: there are logs, and no digest is as old, or the digests were not checked.
 * `pending`: the newest digests are not due yet.
 * `late`: S3 got a log more than an hour after the time in its name.
 * `silent`: no logs, and nothing proves that there were none.
 * `unverified`: some logs could not be proven: their digest is missing or not proven, no digest lists them, or they could not be read.
 * `missing`: a proven digest lists a log that is not there, a digest is missing, or a log or digest was changed.
 */
export const cellStates = [
  'none',
  'quiet',
  'verified',
  'delivered',
  'no-digests',
  'pending',
  'late',
  'silent',
  'unverified',
  'missing',
] as const
export type CellState = (typeof cellStates)[number]

/** The part of the report that says what was looked at. */
export interface ReportScope {
  readonly source:
    | {
        readonly type: 'bucket'
        readonly bucket: string
        readonly owner: AccountId
        readonly region: string
        readonly prefix: string
        readonly organization?: string | undefined
      }
    | { readonly type: 'folders'; readonly dirs: readonly string[] }
  /** The accounts of the config whose roles read the bucket. None for folders. */
  readonly accounts: readonly { readonly label: string; readonly role: string }[]
  /** What was found, sorted. */
  readonly logAccounts: readonly AccountId[]
  readonly regions: readonly string[]
  readonly kinds: readonly Kind[]
  /** What the user named. Empty lists: everything. */
  readonly selected: {
    readonly logAccounts: readonly AccountId[]
    readonly regions: readonly string[]
    readonly kinds: readonly Kind[]
  }
  /** The window of delivery, `[from, until)`, in RFC 3339. */
  readonly from: string
  readonly until: string
  /** `logs`: digests and hashes of logs were checked. `digests`: only digests. `none`: a folder without public keys. */
  readonly integrity: 'logs' | 'digests' | 'none'
}

/** What could not be looked at. If there is any, the report is not about everything that was asked. */
export interface Unchecked {
  /** The label of the account of the config, or a folder. */
  readonly account: string
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
}

export interface ReportFinding {
  /** `verify.…`, `report.silent`, `report.late`, `report.stopped`, `bucket.…`, `events.…`. */
  readonly code: string
  readonly message: string
  /** What to do. */
  readonly advice: string
  /** A command that runs as it is, if one helps. */
  readonly command?: string | undefined
  readonly logAccount?: AccountId | undefined
  readonly region?: string | undefined
  readonly key?: string | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

export interface MapRow {
  readonly logAccount: AccountId
  readonly region: string
  /** One letter for each step, as `stateLetters` says. */
  readonly states: string
  readonly logs: number
  readonly bytes: number
}

/** The heat map: log account × region × day. */
export interface HeatMap {
  readonly step: 'day' | 'week'
  /** The start of each step, as `2026-11-01`. */
  readonly steps: readonly string[]
  /** Sorted by log account and region. */
  readonly rows: readonly MapRow[]
  /** Which letter of `states` is which state. */
  readonly letters: Readonly<Record<string, CellState>>
  /** How many cells of each state. */
  readonly counts: Readonly<Record<CellState, number>>
}

export interface KindTotal {
  readonly kind: Kind
  readonly objects: number
  readonly bytes: number
}

export interface MonthTotal {
  /** `2026-11`. */
  readonly month: string
  readonly objects: number
  readonly bytes: number
}

/** Seconds from an event to the delivery of its log, in kind `events`. Digests say the times of the events, and names the minute of delivery. */
export interface Delay {
  readonly logs: number
  /** Of the newest event of each log. */
  readonly newest: Percentiles
  /** Of the oldest event of each log: no event took longer. */
  readonly oldest: Percentiles
}

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export interface StreamEnd {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  readonly objects: number
  readonly bytes: number
  /** The newest log: its key, and when it was delivered. */
  readonly newestKey: string
  readonly newest: string
}

export interface ChainIntegrity {
  readonly logAccount: AccountId
  readonly region: string
  /** The name of its trail. */
  readonly trail: string
  readonly digestsExpected: number
  readonly digestsProven: number
  readonly digestsUnsigned: number
  readonly digestsMissing: number
  readonly digestsPending: number
  readonly logsListed: number
  readonly logsMissing: number
  readonly logsVerified: number
  /** Everything before it is proven. */
  readonly provenUntil?: string | undefined
}

export interface KeyUse {
  readonly fingerprint: string
  readonly region?: string | undefined
  readonly validFrom: string
  readonly validUntil: string
  readonly source: string
  readonly digests: number
}

/** How the bucket protects its objects. `unknown`: the role may not read it. */
export interface BucketProtectionFigures {
  readonly versioning: 'enabled' | 'suspended' | 'off' | 'unknown'
  readonly mfaDelete: 'on' | 'off' | 'unknown'
  readonly objectLock: 'on' | 'off' | 'unknown'
  /** The default retention, in words: `governance, 365 days`. */
  readonly retention?: string | undefined
  /** `aws:kms arn:…`, `AES256`. */
  readonly encryption: string
  /** Rules in words: `AWSLogs/ expires after 400 days`. `unknown` has one entry. */
  readonly lifecycle: readonly string[]
}

/** A run that left a journal or a coverage: a pull, download, copy or delete. */
export interface RunMade {
  readonly verb: string
  readonly run: string
  readonly started: string
  readonly finished?: string | undefined
  readonly state: 'finished' | 'interrupted' | 'unfinished'
  readonly done: number
  readonly skipped: number
  readonly failed: number
  readonly bytes: number
}

/** Only with `--events`. Each list has its most frequent values, at most 20. */
export interface EventFigures {
  readonly records: number
  readonly names: readonly Counted[]
  readonly users: readonly Counted[]
  readonly errors: readonly Counted[]
  readonly sources: readonly Counted[]
  readonly addresses: readonly Counted[]
}

export interface Counted {
  readonly value: string
  readonly count: number
}

/** Everything that the page shows. One JSON document. Instants are RFC 3339 in UTC. */
export interface ReportFigures {
  readonly report: 'crosstrail'
  readonly version: typeof figuresVersion
  readonly crosstrail: string
  readonly generated: string
  readonly scope: ReportScope
  /**
   * `complete`: everything was looked at and nothing is wrong. `findings`: everything was looked at and something is. `partial`: something could
   * not be looked at, or the run was interrupted, whatever else was found.
   */
  readonly verdict: 'complete' | 'findings' | 'partial'
  readonly interrupted: boolean
  readonly unchecked: readonly Unchecked[]
  /** The most important ones first, at most `mostFindings`. */
  readonly findings: readonly ReportFinding[]
  /** How many there are of each code, also of those that are left out. */
  readonly findingCounts: Readonly<Record<string, number>>
  readonly map: HeatMap
  readonly totals: readonly KindTotal[]
  readonly months: readonly MonthTotal[]
  /** Undefined if no digest says the times of events. */
  readonly delay?: Delay | undefined
  readonly streams: readonly StreamEnd[]
  readonly chains: readonly ChainIntegrity[]
  readonly keys: readonly KeyUse[]
  /** Undefined for folders. */
  readonly protection?: BucketProtectionFigures | undefined
  readonly runs: readonly RunMade[]
  readonly events?: EventFigures | undefined
}

/** With more findings a page helps nobody; the counts are exact, and `verify --output json` has all. */
export const mostFindings = 1000
