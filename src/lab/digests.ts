import { createHash, createSign, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { AccountId } from '../trail/account-id.ts'
import { digestStringToSign } from '../records/digest.ts'
import { hourMs } from '../trail/calendar.ts'
import { formatKey } from '../trail/key.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Bucket } from './stored-bucket.ts'
import { keyFingerprint } from './etag.ts'
import type { LogBody } from './log-body.ts'

/** The key pair that signs the lab's digests. */
export interface DigestKeyPair {
  /** PKCS#1 DER, as ListPublicKeys gives it in base64. */
  readonly publicKeyDer: Buffer
  /** MD5 of the DER, hexadecimal. Digests name the key by it. */
  readonly fingerprint: string
  readonly privateKey: KeyObject
}

export interface DeliveredLog {
  readonly key: string
  readonly deliveredAtMs: number
  readonly body: LogBody
}

export async function newDigestKeyPair(): Promise<DigestKeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const publicKeyDer = publicKey.export({ type: 'pkcs1', format: 'der' })
  return { publicKeyDer, fingerprint: keyFingerprint(publicKeyDer), privateKey }
}

/**
 * Puts the hourly digests of one log account and region: chained, signed, also for hours without logs. `logs` are its logs of all kinds in
 * order of delivery; the window is in whole hours. Returns the digests' keys in order.
 */
export function addDigests(
  bucket: Bucket,
  layout: TrailLayout,
  keyPair: DigestKeyPair,
  of: { logAccount: AccountId; region: string; fromMs: number; toMs: number; logs: readonly DeliveredLog[] },
): string[] {
  const keys: string[] = []
  let previous: PreviousDigest | undefined
  let next = 0
  for (let startMs = Math.floor(of.fromMs / hourMs) * hourMs; startMs < of.toMs; startMs += hourMs) {
    const endMs = startMs + hourMs
    const first = next
    while ((of.logs[next]?.deliveredAtMs ?? Infinity) < endMs) next += 1
    const key = digestKey(layout, of.logAccount, of.region, endMs)
    const digest = {
      ...digestHead(bucket, keyPair, of.logAccount, key, startMs),
      ...previousFields(bucket, previous),
      ...logFields(bucket, of.logs.slice(first, next)),
    }
    previous = putDigest(bucket, keyPair, key, digest, endMs)
    keys.push(key)
  }
  return keys
}

interface PreviousDigest {
  readonly key: string
  readonly sha256: string
  readonly signature: string
}

const trailName = 'lab-trail'

function digestKey(layout: TrailLayout, logAccount: AccountId, region: string, deliveredAtMs: number): string {
  const parts = { logAccount, region, deliveredAtMs, trailName, homeRegion: 'us-east-1', backfill: false }
  return formatKey({ kind: 'digest', ...parts }, layout)
}

function digestHead(bucket: Bucket, keyPair: DigestKeyPair, account: AccountId, key: string, startMs: number) {
  return {
    awsAccountId: account,
    digestStartTime: isoSeconds(startMs),
    digestEndTime: isoSeconds(startMs + hourMs),
    digestS3Bucket: bucket.name,
    digestS3Object: key,
    digestPublicKeyFingerprint: keyPair.fingerprint,
    digestSignatureAlgorithm: 'SHA256withRSA',
  }
}

function previousFields(bucket: Bucket, previous: PreviousDigest | undefined) {
  return {
    previousDigestS3Bucket: previous === undefined ? null : bucket.name,
    previousDigestS3Object: previous?.key ?? null,
    previousDigestHashValue: previous?.sha256 ?? null,
    previousDigestHashAlgorithm: previous === undefined ? null : 'SHA-256',
    previousDigestSignature: previous?.signature ?? null,
  }
}

function logFields(bucket: Bucket, logs: readonly DeliveredLog[]) {
  return {
    newestEventTime:
      logs
        .map(({ body }) => body.newestEventTime)
        .toSorted()
        .at(-1) ?? null,
    oldestEventTime:
      logs
        .map(({ body }) => body.oldestEventTime)
        .toSorted()
        .at(0) ?? null,
    logFiles: logs.map(({ key, body }) => ({
      s3Bucket: bucket.name,
      s3Object: key,
      hashValue: body.sha256,
      hashAlgorithm: 'SHA-256',
      newestEventTime: body.newestEventTime,
      oldestEventTime: body.oldestEventTime,
    })),
  }
}

function putDigest(
  bucket: Bucket,
  { privateKey }: DigestKeyPair,
  key: string,
  digest: Parameters<typeof digestStringToSign>[0],
  endMs: number,
): PreviousDigest {
  const json = Buffer.from(JSON.stringify(digest))
  const sha256 = createHash('sha256').update(json).digest('hex')
  const signature = createSign('RSA-SHA256').update(digestStringToSign(digest, sha256)).sign(privateKey, 'hex')
  bucket.put(key, gzipSync(json), {
    contentType: 'application/json',
    contentEncoding: 'gzip',
    metadata: { signature, 'signature-algorithm': 'SHA256withRSA' },
    lastModifiedMs: endMs,
  })
  return { key, sha256, signature }
}

function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d{3}/, '')
}
