import type { CrosstrailError } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { HttpHeaders } from '../../s3/http.ts'
import { isKmsDenial } from '../../s3/service-error.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { lacksRight } from './denial.ts'
import { accountOfArn, type DoctorFix, hintFix, wordsFix } from './fix.ts'
import { keyArnIn, s3Fixes } from './s3-fixes.ts'
import { knownError, type Walk } from './walk.ts'

const archiveClasses = new Set(['GLACIER', 'DEEP_ARCHIVE'])
const mostBytes = 1_024

/** Returns the smallest log that is not archived, and the newest of equal size. Undefined if there is none. */
export function readableOf(newest: readonly LogObject[]): LogObject | undefined {
  return readablesOf(newest)[0]
}

/** One such log of each log account: a role may be allowed to read one log account and not another. */
function readablesOf(newest: readonly LogObject[]): readonly LogObject[] {
  const sorted = newest
    .filter(({ sizeBytes, storageClass, restored }) => sizeBytes > 0 && (!archiveClasses.has(storageClass) || restored))
    .toSorted((one, other) => one.sizeBytes - other.sizeBytes || other.deliveredAtMs - one.deliveredAtMs)
  const logAccounts = [...new Set(sorted.map(({ logAccount }) => logAccount))]
  return logAccounts.flatMap((logAccount) => sorted.find((log) => log.logAccount === logAccount) ?? [])
}

/** Reads the first bytes of one log of each log account, and reports on the KMS key. Returns whether all could be read. */
export async function tellReading(walk: Walk, bucket: DoctorBucket, newest: readonly LogObject[]): Promise<boolean> {
  const { account, trail } = walk
  if (account.allow.every((verb) => verb === 'list')) {
    walk.skip('read', 'not checked: the config allows this account only to list')
    return true
  }
  const answers = await Promise.all(readablesOf(newest).map((log) => tryReading(walk, bucket, log)))
  // The storage class of Intelligent-Tiering does not show whether an object is archived.
  const tries = answers.filter(({ error }) => error?.code !== 'object.archived')
  const [first] = tries
  if (first === undefined) {
    walk.skip('read', newest.length === 0 ? 'no log was found to read' : 'every log that was found is archived')
    return true
  }
  const refused = tries.find(({ error }) => error !== undefined)
  if (refused?.error !== undefined) {
    await tellUnread(walk, bucket, refused.log, refused.error)
    return false
  }
  const { key, sizeBytes } = first.log
  const others = tries.length === 1 ? '' : `, and of one log of each of ${tries.length - 1} more log accounts`
  walk.ok('read', `the first ${endOf(first.log) + 1} bytes of s3://${trail.bucket}/${key}${others}`, { key, sizeBytes })
  tellEncryption(walk, first.headers ?? {})
  return true
}

interface Try {
  readonly log: LogObject
  readonly headers?: HttpHeaders
  readonly error?: CrosstrailError
}

async function tryReading({ signal }: Walk, { wire }: DoctorBucket, log: LogObject): Promise<Try> {
  const { key, etag } = log
  try {
    const { headers } = await wire.getRange(key, { start: 0, endInclusive: endOf(log), etag }, signal)
    return { log, headers }
  } catch (error) {
    return { log, error: knownError(error) }
  }
}

function endOf({ sizeBytes }: LogObject): number {
  return Math.min(sizeBytes, mostBytes) - 1
}

async function tellUnread(
  walk: Walk,
  bucket: DoctorBucket,
  { key, sizeBytes }: LogObject,
  error: CrosstrailError,
): Promise<void> {
  const { trail, signal } = walk
  const kms = isKmsDenial(error.message) && lacksRight(error)
  const keyArn = kms ? await keyArnOf(bucket, error, key, signal) : undefined
  if (kms) walk.ok('read', `s3:GetObject is allowed on s3://${trail.bucket}/${key}`, { key, sizeBytes })
  walk.failWith(kms ? 'kms' : 'read', error, {
    tried: `GetObject of s3://${trail.bucket}/${key}${keyArn === undefined ? '' : `, encrypted with ${keyArn}`}`,
    facts: { key, keyArn },
    fixes: readFixes(walk, error, keyArn),
  })
}

/** S3 names the key in the object's headers, but not always in its refusal. */
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
  if (!lacksRight(error)) return [hintFix('machine', error)]
  const need = isKmsDenial(error.message) ? 'decrypt' : 'read'
  return [...s3Fixes(error.message, { need, place: walk.trail, extras: { keyArn } }, walk), ...ownershipFixes(walk)]
}

/** S3 applies a bucket's policy only to objects of the bucket's owner, and CloudTrail can own the objects that it writes. */
function ownershipFixes({ account, trail, steps }: Walk): readonly DoctorFix[] {
  const ownership = String(steps.find(({ step }) => step === 'settings')?.facts['ownership'])
  if (accountOfArn(account.role, trail.owner) === trail.owner || !['ObjectWriter', 'none'].includes(ownership))
    return []
  const does = `set object ownership of ${trail.bucket} to BucketOwnerEnforced, or use a role of ${trail.owner}: S3 ignores the bucket policy for objects that CloudTrail owns`
  return [wordsFix('owner', does)]
}

function tellEncryption(walk: Walk, headers: HttpHeaders): void {
  const encryption = String(headers['x-amz-server-side-encryption'] ?? 'unknown')
  const keyArn = headers['x-amz-server-side-encryption-aws-kms-key-id']
  if (!encryption.startsWith('aws:kms'))
    return walk.skip('kms', `logs are not encrypted with KMS (${encryption})`, { encryption })
  walk.ok('kms', `decrypted with ${String(keyArn ?? 'a KMS key')}`, { encryption, keyArn: String(keyArn ?? '') })
}

/** Checks the right to read tags, because a copy keeps the tags of a log. */
export async function tellTagging(walk: Walk, { probe }: DoctorBucket, log: LogObject): Promise<void> {
  const { trail, signal } = walk
  try {
    const tags = await probe.tagCount(log.key, signal)
    walk.ok('tagging', `the role may read tags, so copies keep them (${tags} on this log)`, {
      key: log.key,
      tags,
    })
  } catch (error) {
    const known = knownError(error)
    // Only a warning: without this right it is not known whether any log has tags.
    walk.warn('tagging', `the role may not read tags, so logs that have tags cannot be copied`, {
      code: known.code,
      tried: `GetObjectTagging of s3://${trail.bucket}/${log.key}`,
      answer: known.message,
      facts: { key: log.key },
      fixes: lacksRight(known)
        ? s3Fixes(known.message, { need: 'readTags', place: trail }, walk)
        : [hintFix('machine', known)],
    })
  }
}
