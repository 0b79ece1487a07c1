import { hourMs } from '../../trail/calendar.ts'
import type { Window } from '../../trail/window.ts'
import type { ChainName } from './chain-name.ts'
import type { CheckedDigest } from './check-digest.ts'
import { keyBase } from './digest-name.ts'
import type { VerifyFinding } from './finding.ts'
import type { DarkSpan, Span } from './span.ts'

export interface ChainRules {
  /** Periods that overlap it are expected. */
  readonly window: Window
  /**
   * True if earlier and later windows are verified by runs of their own. Then a period belongs only to the window in which it ends, and
   * nothing of another window's periods is reported.
   */
  readonly isOneOfMany?: boolean | undefined
  readonly nowMs: number
  /** How long after its period a digest may be delivered. */
  readonly graceMs: number
}

/** What a chain holds in the window. */
export interface ChainState {
  readonly chain: ChainName
  readonly digests: number
  readonly proven: number
  /** Digests without a signature that could be checked. */
  readonly unsigned: number
  readonly missing: number
  /** Periods whose digest is not due yet. */
  readonly pending: number
  /** The end of the last proven digest without a finding before it in the window. */
  readonly verifiedUntilMs: number | undefined
}

/** A digest without a predecessor. */
export interface ChainStart {
  readonly chain: ChainName
  readonly key: string
  readonly startMs: number
}

export interface ChainListener {
  finding(finding: VerifyFinding): void
  dark(span: DarkSpan): void
}

/** Only a proven digest is believed; otherwise its name counts. */
export function spanOf({ state, digest, parts }: CheckedDigest): Span {
  if (state === 'proven' && digest !== undefined) return { startMs: digest.startMs, endMs: digest.endMs }
  return { startMs: parts.deliveredAtMs - hourMs, endMs: parts.deliveredAtMs }
}

/** Whether the digest before was delivered to another place. */
export function isElsewhere(
  digest: { readonly digestS3Bucket: string; readonly digestS3Object: string },
  previousKey: string,
  previousBucket: string | undefined,
): boolean {
  return digest.digestS3Bucket !== previousBucket || keyBase(digest.digestS3Object) !== keyBase(previousKey)
}
