/** One fact of a report. */
export type EvidenceValue = string | number | boolean | null | undefined

/** Facts by name. Names are in camelCase: `verifiedUntil`. */
export type EvidenceRow = Readonly<Record<string, EvidenceValue>>

/** A finding: `code`, `message`, and what else the verification knows of it. */
export interface EvidenceFinding {
  readonly code: string
  readonly message: string
  readonly key?: string | undefined
  readonly chain?: string | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** What a verification says in the end, besides its findings. */
export interface EvidenceReport {
  /** What was verified: the bucket or the folders, the window, and totals. */
  readonly summary: EvidenceRow
  /** The public keys in use, with their sources. */
  readonly publicKeys: readonly EvidenceRow[]
  readonly chains: readonly EvidenceRow[]
}
