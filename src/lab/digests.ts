import { createHash, createSign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { AccountId } from '../trail/account-id.ts'
import { digestStringToSign } from '../records/digest.ts'
import { hourMs } from '../trail/calendar.ts'
import { formatKey } from '../trail/key.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Bucket } from './stored-bucket.ts'
import type { DigestKeyPair, SignerAt } from './digest-keys.ts'
import type { LogBody } from './log-body.ts'

export interface DeliveredLog {
  readonly key: string
  readonly deliveredAtMs: number
  readonly body: LogBody
}

/** The digests of one log account, region and trail. */
export interface DigestChain {
  readonly logAccount: AccountId
  readonly region: string
  /** The start of the first period. Later periods start at the same minute and second, so they need not be hours of the clock. */
  readonly fromMs: number
  readonly toMs: number
  /** The trail's logs of all kinds, in order of delivery. */
  readonly logs: readonly DeliveredLog[]
  /** Default: `lab-trail`. */
  readonly trailName?: string | undefined
  /** The region in which the trail was created. Default: us-east-1. */
  readonly homeRegion?: string | undefined
  /** Set if the digests were made later, for a time that had none: when they were made. */
  readonly backfilledAtMs?: number | undefined
  /**
   * Times without logging, in order. The logs of a pause are in no digest. After it the chain begins again with a digest without a
   * predecessor, which covers the hour before logging was started again.
   */
  readonly pauses?: readonly { readonly fromMs: number; readonly toMs: number }[] | undefined
  /** Logs of the last moments of a period are in the digest of the next one. Default: 0. */
  readonly lateMs?: number | undefined
}

/** Puts the hourly digests of a chain: each signed, and naming the one before, also for hours without logs. Returns their keys in order. */
export function addDigests(
  bucket: Bucket,
  layout: TrailLayout,
  signer: DigestKeyPair | SignerAt,
  chain: DigestChain,
): string[] {
  const { logAccount, region, logs, backfilledAtMs, lateMs = 0 } = chain
  const keys: string[] = []
  let previous: PreviousDigest | undefined
  let next = 0
  for (const { startMs, isFirst } of periodsOf(chain)) {
    const endMs = startMs + hourMs
    if (isFirst) {
      previous = undefined
      if (keys.length > 0) next = Math.max(next, countBefore(logs, startMs))
    }
    const first = next
    next = Math.max(next, countBefore(logs, endMs - lateMs))
    const key = digestKey(layout, chain, endMs)
    const signedAtMs = backfilledAtMs ?? endMs
    const keyPair = typeof signer === 'function' ? signer(region, signedAtMs) : signer
    const digest = {
      ...digestHead(bucket, keyPair, logAccount, key, startMs),
      ...previousFields(bucket, previous),
      ...logFields(bucket, logs.slice(first, next)),
    }
    previous = putDigest(bucket, keyPair, key, digest, { signedAtMs, isBackfill: backfilledAtMs !== undefined })
    keys.push(key)
  }
  return keys
}

function* periodsOf({ fromMs, toMs, pauses = [] }: DigestChain): Generator<{ startMs: number; isFirst: boolean }> {
  const waiting = [...pauses]
  let isFirst = true
  for (let startMs = fromMs; startMs < toMs; startMs += hourMs) {
    const [pause] = waiting
    if (pause !== undefined && startMs + hourMs > pause.fromMs) {
      waiting.shift()
      startMs = Math.max(startMs, pause.toMs - hourMs)
      isFirst = true
    }
    yield { startMs, isFirst }
    isFirst = false
  }
}

function countBefore(logs: readonly DeliveredLog[], instantMs: number): number {
  const index = logs.findIndex(({ deliveredAtMs }) => deliveredAtMs >= instantMs)
  return index < 0 ? logs.length : index
}

interface PreviousDigest {
  readonly key: string
  readonly sha256: string
  readonly signature: string
}

function digestKey(layout: TrailLayout, chain: DigestChain, deliveredAtMs: number): string {
  const { logAccount, region, trailName = 'lab-trail', homeRegion = 'us-east-1', backfilledAtMs } = chain
  const backfill = backfilledAtMs !== undefined
  return formatKey({ kind: 'digest', logAccount, region, deliveredAtMs, trailName, homeRegion, backfill }, layout)
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
  { signedAtMs, isBackfill }: { readonly signedAtMs: number; readonly isBackfill: boolean },
): PreviousDigest {
  const json = Buffer.from(JSON.stringify(digest))
  const sha256 = createHash('sha256').update(json).digest('hex')
  const signature = createSign('RSA-SHA256').update(digestStringToSign(digest, sha256)).sign(privateKey, 'hex')
  bucket.put(key, gzipSync(json), {
    contentType: 'application/json',
    contentEncoding: 'gzip',
    metadata: {
      signature,
      'signature-algorithm': 'SHA256withRSA',
      ...(isBackfill && { 'backfill-generation-timestamp': isoSeconds(signedAtMs) }),
    },
    lastModifiedMs: signedAtMs,
  })
  return { key, sha256, signature }
}

function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d{3}/, '')
}
