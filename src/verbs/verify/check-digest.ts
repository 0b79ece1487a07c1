import { hash, verify } from 'node:crypto'
import { type Digest, digestStringToSign, parseDigest } from '../../records/digest.ts'
import { CrosstrailError } from '../../error.ts'
import { hourMs } from '../../trail/calendar.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import type { DigestKey } from '../../trail/parsed-key.ts'
import { type ChainName, chainOf } from './chain-name.ts'
import { type DeliveryPlaces, placeText } from './delivery-places.ts'
import { chainOfName, fileName, keyBase, keyTail } from './digest-name.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import { gzipContents } from './gzip-contents.ts'
import { instantSpan } from './instant-span.ts'
import type { PublicKey } from './public-keys.ts'

/** A digest as it was found. */
export interface FoundDigest {
  /** Undefined in a mirror, which does not know its bucket. */
  readonly bucket: string | undefined
  readonly key: string
  readonly parts: DigestKey
  /** As it is stored: gzip, or JSON in a mirror that unzips. */
  readonly body: Uint8Array
  /** From the object's metadata, or from a mirror's copy of it; undefined if neither has it. */
  readonly signature: string | undefined
  readonly signatureAlgorithm: string | undefined
  /** When CloudTrail wrote a backfill digest, from its metadata. */
  readonly backfillGeneratedMs?: number | undefined
  /** The file with its signature: the mirror's own, or for an object of a bucket the one that a mirror would have. */
  readonly signatureFile?: Uint8Array | undefined
  /** As it was listed. Undefined if nobody takes digests. */
  readonly object?: ListedObject | undefined
}

/** A digest that was unzipped and parsed. */
export interface ReadDigest extends Omit<FoundDigest, 'body' | 'signatureFile'> {
  readonly chain: ChainName
  /** SHA-256 of the unzipped file, also if it is not a digest. Undefined if it could not be unzipped. */
  readonly sha256: string | undefined
  /** Undefined if it is malformed. */
  readonly digest: Digest | undefined
  readonly findings: readonly VerifyFinding[]
}

/** `unsigned`: there is no signature, in no successor either. `unproven`: a finding says why. */
export type DigestState = 'proven' | 'unproven' | 'unsigned'

/** What later checks need of a digest. */
export interface CheckedDigest extends Omit<ReadDigest, 'signature'> {
  /** The signature that was checked, in lowercase hexadecimal; undefined if there was none. */
  readonly signature: string | undefined
  readonly state: DigestState
  /** False if it records another name than the file has. */
  readonly isInPlace: boolean
  /** The public key that proves it; undefined if it is not proven. */
  readonly publicKey: PublicKey | undefined
}

export interface DigestRules {
  /** Returns the keys of a fingerprint; none if it is unknown. */
  readonly findKeys: (region: string, fingerprint: string) => readonly PublicKey[]
  readonly places: DeliveryPlaces
  /** Whether the place keeps the metadata of digests, as a bucket does. Then a digest without a signature is a finding. */
  readonly keepsSignatures: boolean
  /** Whether a file may be unzipped already, as in a mirror that `--decompress` made. */
  readonly mayBePlain: boolean
}

const allowedAlgorithm = 'SHA256withRSA'
/** A digest may be delivered, and signed, until so long after its period. */
const signingDelayMs = 2 * hourMs
const maxDigestBytes = 256 * 1024 * 1024

/** Unzips and parses a digest. */
export function readDigest(found: FoundDigest, { mayBePlain }: Pick<DigestRules, 'mayBePlain'>): ReadDigest {
  const { key, parts, body, signatureFile: _signatureFile, ...rest } = found
  const chain = chainOf(parts)
  const findings: VerifyFinding[] = []
  const endMs = parts.deliveredAtMs
  const malformed = (message: string) =>
    void findings.push({ code: 'verify.digest-malformed', key, chain, startMs: endMs - hourMs, endMs, message })
  let bytes: Uint8Array | undefined
  let digest: Digest | undefined
  try {
    bytes = mayBePlain && !(body[0] === 0x1f && body[1] === 0x8b) ? body : unzipped(key, body, malformed)
    digest = bytes && parseDigest(bytes, key)
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    malformed(error.code === 'object.inflates-too-much' ? `the digest ${key} ${error.message}` : error.message)
  }
  const sha256 = bytes === undefined ? undefined : hash('sha256', bytes, 'hex')
  return { ...rest, key, parts, chain, sha256, digest, findings }
}

function unzipped(key: string, body: Uint8Array, malformed: (message: string) => void): Uint8Array | undefined {
  const { bytes, damage } = gzipContents(body, { maxInflatedBytes: maxDigestBytes })
  if (damage !== undefined) malformed(`the digest ${key} is damaged: ${damage}`)
  return bytes
}

/** What later digests of a chain say about a digest whose signature was not kept. */
export interface SuccessorClaims {
  /** Copies of its signature. */
  readonly signatures: readonly string[]
  /** Whether one names an older digest as the one before it. */
  readonly isSkipped: boolean
}

export const noClaims: SuccessorClaims = { signatures: [], isSkipped: false }

/**
 * Checks one digest by itself: its place, its algorithms, and its signature. Reports everything that is wrong with it. If the place has no
 * signature of it, the copies in later digests are used.
 */
export function checkDigest(read: ReadDigest, rules: DigestRules, claims: SuccessorClaims): CheckedDigest {
  const { signature: kept, ...rest } = read
  const { key, chain, digest } = read
  if (digest === undefined) {
    return { ...rest, signature: undefined, state: 'unproven', isInPlace: true, publicKey: undefined }
  }
  const findings = [...read.findings]
  const { startMs, endMs } = digest
  const add: Add = (code, message) => void findings.push({ code, key, chain, startMs, endMs, message })

  const isInPlace = checkName(read, digest, add)
  if (endMs <= startMs) add('verify.digest-malformed', `the digest ${key} ends before it starts`)
  for (const algorithm of digest.otherAlgorithms) {
    add('verify.algorithm', `the digest ${key} has hashes of the algorithm ${algorithm}; only SHA-256 is accepted`)
  }
  if (kept === undefined && (rules.keepsSignatures || claims.isSkipped)) {
    add('verify.signature-missing', `the digest ${key} has no signature`)
  }
  const signatures = (kept === undefined ? claims.signatures : [kept]).map((text) => text.toLowerCase())
  const { state, signature, publicKey } = checkSignature(read, signatures, digest, rules, add)
  // What an altered digest records must not decide which place is right.
  if (isInPlace && state === 'proven') checkPlace(read, digest, rules.places, add)
  return { ...rest, findings, signature, state, isInPlace, publicKey }
}

type Add = (code: VerifyFindingCode, message: string) => void

/** Returns whether the digest has the name that it records. */
function checkName({ key, parts }: ReadDigest, digest: Digest, add: Add): boolean {
  const { digestS3Bucket, digestS3Object, awsAccountId } = digest
  const named = `${digestS3Bucket}/${digestS3Object}`
  if (awsAccountId !== parts.logAccount) {
    add(
      'verify.digest-of-other-chain',
      `the digest ${key} is of account ${awsAccountId}, and its path names ${parts.logAccount}`,
    )
  }
  if (chainOfName(digestS3Object) !== chainOfName(key)) {
    add(
      'verify.digest-of-other-chain',
      `the digest ${key} is of another chain: it records that it was delivered as ${named}`,
    )
    return false
  }
  if (fileName(digestS3Object) !== fileName(key)) {
    add('verify.digest-misplaced', `the digest ${key} was renamed: it records that it was delivered as ${named}`)
    return false
  }
  return true
}

function checkPlace(
  { bucket, key }: ReadDigest,
  { digestS3Bucket, digestS3Object }: Digest,
  places: DeliveryPlaces,
  add: Add,
): void {
  const found = { bucket, base: keyBase(key) }
  const recorded = { bucket: digestS3Bucket, base: keyBase(digestS3Object) }
  if (keyTail(digestS3Object) !== keyTail(key) || !places.accepts(found, recorded)) {
    add(
      'verify.digest-misplaced',
      `the digest ${key} was moved${bucket === undefined ? '' : ` to ${placeText(found)}`}: it records that it was delivered as ${digestS3Bucket}/${digestS3Object}`,
    )
  }
}

type SignatureCheck = Pick<CheckedDigest, 'state' | 'signature' | 'publicKey'>

/** Tries several copies of the signature, because a forged digest may have a wrong one. */
function checkSignature(
  read: ReadDigest,
  signatures: readonly string[],
  digest: Digest,
  { findKeys }: DigestRules,
  add: Add,
): SignatureCheck {
  const { key, parts, signatureAlgorithm, sha256 } = read
  const unproven: SignatureCheck = { state: 'unproven', signature: signatures[0], publicKey: undefined }
  const algorithms = [digest.signatureAlgorithm, ...(signatureAlgorithm === undefined ? [] : [signatureAlgorithm])]
  const other = algorithms.find((algorithm) => algorithm !== allowedAlgorithm)
  if (other !== undefined) {
    add('verify.algorithm', `the digest ${key} is signed with ${other}; only ${allowedAlgorithm} is accepted`)
    return unproven
  }
  const { publicKeyFingerprint: fingerprint } = digest
  const keys = findKeys(parts.region, fingerprint)
  if (keys.length === 0) {
    add(
      'verify.unknown-key',
      `the digest ${key} names the public key ${fingerprint}, which is not among the public keys of ${parts.region}`,
    )
    return unproven
  }
  if (signatures.length === 0 || sha256 === undefined) {
    return { state: 'unsigned', signature: undefined, publicKey: undefined }
  }
  const text = Buffer.from(digestStringToSign(digest, sha256))
  const [fromMs, toMs] = signingSpan(read, digest)
  for (const signature of signatures) {
    const signers = signersOf(text, signature, keys)
    if (signers.length === 0) continue
    const publicKey = signers.find(({ validFromMs, validUntilMs }) => validFromMs < toMs && fromMs < validUntilMs)
    if (publicKey !== undefined) return { state: 'proven', signature, publicKey }
    const spans = signers.map((signer) => instantSpan(signer.validFromMs, signer.validUntilMs))
    add(
      'verify.key-not-valid',
      `the digest ${key} is signed with the public key ${fingerprint}, which was valid only from ${spans.join(' and ')}`,
    )
    return { ...unproven, signature }
  }
  add('verify.signature-wrong', `the signature of the digest ${key} is wrong: the digest or its signature was changed`)
  return unproven
}

function signersOf(text: Buffer, signature: string, keys: readonly PublicKey[]): PublicKey[] {
  if (!/^(?:[0-9a-f]{2})+$/.test(signature)) return []
  const bytes = Buffer.from(signature, 'hex')
  return keys.filter(({ key }) => verify('sha256', text, key, bytes))
}

/** When a digest was signed: the time for which public keys are needed. A backfill digest is written long after its period. */
export function signingSpan(
  { parts, backfillGeneratedMs }: Pick<ReadDigest, 'parts' | 'backfillGeneratedMs'>,
  { startMs, endMs }: Pick<Digest, 'startMs' | 'endMs'>,
): readonly [fromMs: number, toMs: number] {
  if (!parts.backfill) return [startMs, endMs + signingDelayMs]
  if (backfillGeneratedMs === undefined) return [startMs, Infinity]
  return [backfillGeneratedMs - hourMs, backfillGeneratedMs + hourMs]
}
