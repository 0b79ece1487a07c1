import { createHash, verify } from 'node:crypto'
import { type Digest, digestStringToSign, parseDigest } from '../../records/digest.ts'
import type { DigestKey } from '../../trail/parsed-key.ts'
import { type ChainName, chainOf } from './chain-name.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import type { PublicKey } from './public-keys.ts'

/** A digest as it was found. */
export interface FoundDigest {
  /** Where it is. */
  readonly bucket: string
  readonly key: string
  readonly parts: DigestKey
  /** Unzipped. */
  readonly bytes: Uint8Array
  /** From the object's metadata, or from a mirror's copy of it; undefined if neither has it. */
  readonly signature: string | undefined
  readonly signatureAlgorithm: string | undefined
}

/** What later checks need of a digest. */
export interface CheckedDigest {
  readonly key: string
  readonly chain: ChainName
  readonly sha256: string
  readonly digest: Digest
  /** The signature that was checked, in lowercase hexadecimal; undefined if there was none. */
  readonly signature: string | undefined
  /** Whether its signature proves it. */
  readonly isProven: boolean
}

export interface DigestCheck {
  /** Undefined if it is malformed. */
  readonly checked: CheckedDigest | undefined
  readonly findings: readonly VerifyFinding[]
}

/** Returns the keys of a fingerprint; none if it is unknown. */
export type FindKeys = (region: string, fingerprint: string) => readonly PublicKey[]

const allowedAlgorithm = 'SHA256withRSA'

/** Checks one digest by itself: its form, its place, and its signature. Reports everything that is wrong with it. */
export function checkDigest(found: FoundDigest, findKeys: FindKeys): DigestCheck {
  const { key, parts, bytes } = found
  const chain = chainOf(parts)
  const findings: VerifyFinding[] = []
  let digest: Digest
  try {
    digest = parseDigest(bytes, key)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { checked: undefined, findings: [malformed(key, chain, message)] }
  }
  const { startMs, endMs } = digest
  const add = (code: VerifyFindingCode, message: string) =>
    void findings.push({ code, key, chain, startMs, endMs, message })

  checkPlace(found, digest, add)
  for (const algorithm of digest.otherAlgorithms) {
    add('verify.algorithm', `${key} has hashes of the algorithm ${algorithm}; only SHA-256 is accepted`)
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const signature = found.signature?.toLowerCase()
  const isProven = checkSignature({ ...found, signature }, digest, sha256, findKeys, add)
  return { checked: { key, chain, sha256, digest, signature, isProven }, findings }
}

export function malformed(key: string, chain: ChainName, message: string): VerifyFinding {
  return { code: 'verify.digest-malformed', key, chain, startMs: undefined, endMs: undefined, message }
}

type Add = (code: VerifyFindingCode, message: string) => void

function checkPlace({ bucket, key, parts }: FoundDigest, digest: Digest, add: Add): void {
  const named = `${digest.digestS3Bucket}/${digest.digestS3Object}`
  if (named !== `${bucket}/${key}`) {
    add('verify.digest-misplaced', `the digest ${key} is in ${bucket}, and names ${named} as its place`)
  }
  if (digest.awsAccountId !== parts.logAccount) {
    add(
      'verify.digest-of-other-chain',
      `the digest ${key} is of account ${digest.awsAccountId}, and its path names ${parts.logAccount}`,
    )
  }
  if (digest.endMs <= digest.startMs) {
    add('verify.digest-malformed', `the digest ${key} ends before it starts`)
  }
}

function checkSignature(
  { key, parts, signature, signatureAlgorithm }: FoundDigest,
  digest: Digest,
  sha256: string,
  findKeys: FindKeys,
  add: Add,
): boolean {
  const algorithms = [digest.signatureAlgorithm, ...(signatureAlgorithm === undefined ? [] : [signatureAlgorithm])]
  const other = algorithms.find((algorithm) => algorithm !== allowedAlgorithm)
  if (other !== undefined) {
    add('verify.algorithm', `the digest ${key} is signed with ${other}; only ${allowedAlgorithm} is accepted`)
    return false
  }
  if (signature === undefined) {
    add('verify.signature-missing', `the digest ${key} has no signature`)
    return false
  }
  const { publicKeyFingerprint: fingerprint, startMs, endMs } = digest
  const keys = findKeys(parts.region, fingerprint)
  if (keys.length === 0) {
    add(
      'verify.unknown-key',
      `the digest ${key} is signed with the key ${fingerprint}, which is not among the public keys`,
    )
    return false
  }
  const text = Buffer.from(digestStringToSign(digest, sha256))
  const bytes = /^(?:[0-9a-f]{2})+$/.test(signature) ? Buffer.from(signature, 'hex') : Buffer.alloc(0)
  const signer = keys.find((candidate) => verify('sha256', text, candidate.key, bytes))
  if (signer === undefined) {
    add(
      'verify.signature-wrong',
      `the signature of the digest ${key} is wrong: the digest or its signature was changed`,
    )
    return false
  }
  if (keys.some(({ validFromMs, validUntilMs }) => validFromMs < endMs && startMs < validUntilMs)) return true
  add('verify.key-not-valid', `the key ${fingerprint} of the digest ${key} was not valid at that time`)
  return false
}
