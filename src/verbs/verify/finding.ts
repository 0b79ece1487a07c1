import type { ChainName } from './chain-name.ts'

/** The codes of findings. They are stable: programs depend on them. */
export const verifyFindingCodes = [
  'verify.signature-wrong',
  'verify.signature-missing',
  'verify.unknown-key',
  'verify.key-not-valid',
  'verify.algorithm',
  'verify.digest-malformed',
  'verify.digest-unread',
  'verify.digest-misplaced',
  'verify.digest-of-other-chain',
  'verify.previous-hash',
  'verify.previous-signature',
  'verify.digest-missing',
  'verify.chain-restarted',
  'verify.chain-elsewhere',
  'verify.log-missing',
  'verify.log-hash',
  'verify.log-malformed',
  'verify.log-listed-twice',
  'verify.log-unlisted',
  'verify.log-unchecked',
  'verify.kept-twice',
  'verify.no-digests',
  'verify.validation-off',
  'verify.nothing',
] as const

export type VerifyFindingCode = (typeof verifyFindingCodes)[number]

/** Something that does not prove right. */
export interface VerifyFinding {
  readonly code: VerifyFindingCode
  /** The object that it is about; undefined if it is about a span of time. */
  readonly key: string | undefined
  readonly chain: ChainName | undefined
  /** `[startMs, endMs)`: the period of the digest, or the minute in which a log was delivered that no digest lists. */
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  /** One sentence. */
  readonly message: string
}

/** A run that had nothing to verify proves nothing. */
export function nothingToVerify(where: string): VerifyFinding {
  const message = `${where} has neither digests nor logs in the window and the selection, so there was nothing to verify`
  return { code: 'verify.nothing', key: undefined, chain: undefined, startMs: undefined, endMs: undefined, message }
}
