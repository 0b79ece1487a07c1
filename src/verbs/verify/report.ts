import type { CrosstrailError } from '../../error.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { ChainState } from './chain-facts.ts'
import type { StreamName } from './chain-name.ts'
import type { VerifyFindingCode } from './finding.ts'
import type { LogState } from './result.ts'

/** What was proven of one chain. `verifiedUntilMs` counts its logs too: all that were delivered before it, and listed, are proven. */
export interface ChainReport extends ChainState {
  /** Digests that are there, missing, or not due yet. */
  readonly expected: number
  readonly logsVerified: number
  readonly logsMissing: number
  /** Logs that are listed and were not verified: they differ, cannot be read, or are archived. */
  readonly logsNotVerified: number
}

/** The logs of a stream that no chain can claim, because only digests tell the logs of two trails apart. */
export interface StreamReport extends StreamName {
  readonly chains: readonly ChainReport[]
  readonly unlisted: number
  readonly pending: number
  readonly unproven: number
  readonly uncovered: number
  /** False if the run ended before all of it was verified. */
  readonly finished: boolean
}

/** A public key that proves digests, and how many. */
export interface UsedKey {
  /** Undefined if its file does not say it. */
  readonly region: string | undefined
  /** MD5 of its DER value. */
  readonly fingerprint: string
  readonly validFromMs: number
  readonly validUntilMs: number
  /** Where it came from: a file, or `ListPublicKeys` of a region with the caller's ARN. */
  readonly source: string
  readonly digests: number
}

/** What became of the evidence. */
export interface EvidenceOutcome {
  readonly folder: string
  /** False if the run did not end in order: then there is no evidence at all. */
  readonly written: boolean
  /** The SHA-256 of the public key that signed it. Undefined if it is unsigned, or was not written. */
  readonly signingKey: string | undefined
  readonly timestampMs: number | undefined
  /** Why it has no timestamp although one was asked for. The evidence is complete without. */
  readonly timestampError: CrosstrailError | undefined
}

/** What a run proved, and what it did not. */
export interface ProofReport {
  /** Sorted by log account and region. */
  readonly streams: readonly StreamReport[]
  readonly digests: { readonly found: number; readonly verified: number; readonly unsigned: number }
  readonly logs: Readonly<Record<LogState, number>>
  /** Verified logs of several gzip members. */
  readonly severalMembers: number
  /** How many findings there are of each code. */
  readonly findings: Readonly<Partial<Record<VerifyFindingCode, number>>>
  readonly keys: readonly UsedKey[]
  /** The places that proven digests record as `s3://bucket/prefix`, and how many digests each. */
  readonly deliveredTo: Readonly<Record<string, number>>
  /** Whether digests record another place than the one that was verified. */
  readonly moved: boolean
}

export interface VerifyReport extends RunReport, ProofReport {
  /** Set if evidence was asked for. */
  readonly evidence?: EvidenceOutcome | undefined
}
