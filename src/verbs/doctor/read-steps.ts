import { CrosstrailError } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { isKmsDenial } from '../../s3/service-error.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { wordsFix } from './fix.ts'
import { keyArnIn, s3Fixes } from './s3-fixes.ts'
import { knownError, type Walk } from './walk.ts'

const archiveClasses = new Set(['GLACIER', 'DEEP_ARCHIVE'])
const mostBytes = 1_024

/** The object to try: small, and not archived; of those the newest. Undefined where there is none. */
export function readableOf(newest: readonly LogObject[]): LogObject | undefined {
  return newest
    .filter(({ sizeBytes, storageClass, restored }) => sizeBytes > 0 && (!archiveClasses.has(storageClass) || restored))
    .toSorted((one, other) => one.sizeBytes - other.sizeBytes || other.deliveredAtMs - one.deliveredAtMs)[0]
}

/** Reads the first bytes of one log, and tells of KMS beside it. Answers whether it could be read. */
export async function tellReading(walk: Walk, bucket: DoctorBucket, newest: readonly LogObject[]): Promise<boolean> {
  const { account, trail, signal } = walk
  const log = readableOf(newest)
  if (account.allow.every((verb) => verb === 'list')) {
    walk.skip('read', 'not tried: the account is to list only')
    return true
  }
  if (log === undefined) {
    walk.skip('read', newest.length === 0 ? 'no log was found to read' : 'every log that was found is archived')
    return true
  }
  const { key, etag, sizeBytes } = log
  const endInclusive = Math.min(sizeBytes, mostBytes) - 1
  try {
    const { headers } = await bucket.wire.getRange(key, { start: 0, endInclusive, etag }, signal)
    walk.ok('read', `the first ${endInclusive + 1} bytes of s3://${trail.bucket}/${key}`, { key, sizeBytes })
    tellEncryption(walk, headers)
    return true
  } catch (error) {
    const known = knownError(error)
    const kms = isKmsDenial(known.message) && known.facts['status'] === 403
    const keyArn = kms ? await keyArnOf(bucket, known, key, signal) : undefined
    if (kms) walk.ok('read', `s3:GetObject is allowed on s3://${trail.bucket}/${key}`, { key, sizeBytes })
    walk.failWith(kms ? 'kms' : 'read', known, {
      tried: `GetObject of s3://${trail.bucket}/${key}${keyArn === undefined ? '' : `, encrypted with ${keyArn}`}`,
      facts: { key, keyArn },
      fixes: readFixes(walk, known, keyArn),
    })
    return false
  }
}

/** S3 names the key in the headers of the object, and not always in its refusal. */
async function keyArnOf(
  { probe }: DoctorBucket,
  error: CrosstrailError,
  key: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return keyArnIn(error.message) ?? (await probe.kmsKeyOf(key, signal))
  } catch (refused) {
    knownError(refused)
    return undefined
  }
}

function readFixes(walk: Walk, error: CrosstrailError, keyArn: string | undefined) {
  if (error.facts['status'] !== 403) return [wordsFix('machine', error.hint ?? error.message)]
  const need = isKmsDenial(error.message) ? 'decrypt' : 'read'
  return s3Fixes(error.message, { need, place: walk.trail, extras: { keyArn } }, walk)
}

function tellEncryption(walk: Walk, headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const encryption = String(headers['x-amz-server-side-encryption'] ?? 'unknown')
  const keyArn = headers['x-amz-server-side-encryption-aws-kms-key-id']
  if (!encryption.startsWith('aws:kms'))
    return walk.skip('kms', `logs are not encrypted with KMS (${encryption})`, { encryption })
  walk.ok('kms', `decrypted with ${String(keyArn ?? 'a KMS key')}`, { encryption, keyArn: String(keyArn ?? '') })
}

/** A copy takes a log's tags along: the right to read them. */
export async function tellTagging(walk: Walk, { probe }: DoctorBucket, log: LogObject): Promise<void> {
  const { trail, signal } = walk
  try {
    const tags = await probe.tagCount(log.key, signal)
    walk.ok('tagging', `tags of logs can be read, for copies to take along (${tags} on this one)`, {
      key: log.key,
      tags,
    })
  } catch (error) {
    const known = knownError(error)
    // Only logs that have tags need it, and none can be told to have them without it.
    walk.warn('tagging', `tags of logs cannot be read: logs that have tags cannot be copied`, {
      code: known.code,
      tried: `GetObjectTagging of s3://${trail.bucket}/${log.key}`,
      answer: known.message,
      facts: { key: log.key },
      fixes:
        known.facts['status'] === 403
          ? s3Fixes(known.message, { need: 'readTags', place: trail }, walk)
          : [wordsFix('machine', known.hint ?? known.message)],
    })
  }
}
