import type { CrosstrailError } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { ChainName } from './chain-name.ts'
import type { DigestState } from './check-digest.ts'
import type { VerifyFinding } from './finding.ts'

/**
 * What became of a log that is there. `verified`: its hash is the one that a proven digest lists. `wrong`: a finding says why. `unlisted`: no
 * digest lists it. `pending`: its digest is not due yet. `unproven`: the digest that should list it is missing or not proven. `uncovered`: no
 * digest is as old. `archived`: S3 does not return it. `failed`: it could not be read.
 */
export type LogState = 'verified' | 'wrong' | 'unlisted' | 'pending' | 'unproven' | 'uncovered' | 'archived' | 'failed'

export interface DigestResult {
  readonly type: 'digest'
  readonly key: string
  readonly chain: ChainName
  /** `[startMs, endMs)` of its period. Undefined if it is malformed. */
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  readonly state: DigestState
  /** The fingerprint of the public key that proves it. */
  readonly publicKey: string | undefined
}

export interface LogResult {
  readonly type: 'log'
  readonly log: LogObject
  /** The chain whose digest lists it. */
  readonly chain: ChainName | undefined
  readonly state: LogState
  /** Set if the log has several gzip members, which is unusual and no finding. */
  readonly members: number | undefined
  /** Why a `failed` log could not be read. */
  readonly error?: CrosstrailError | undefined
}

/** One result of a verification, as soon as it is known. */
export type VerifyResult = DigestResult | LogResult | { readonly type: 'finding'; readonly finding: VerifyFinding }
