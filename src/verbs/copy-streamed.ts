import { checkContent, ContentCheck } from '../disk/content-check.ts'
import { CrosstrailError } from '../error.ts'
import type { ObjectHead } from '../s3/bucket-admin.ts'
import { objectHeaders, type ObjectHeaders, type StoredCopy } from '../s3/copy-target.ts'
import type { LogObject } from '../trail/log-object.ts'
import type { CopySides, SourceSide } from './copy-sides.ts'
import { etagIsMd5 } from './copy-twin.ts'
import { heldBody } from './object-receiver.ts'

/**
 * Gets an object, checks it as a download does, and puts it with its metadata under another key. Never on disk.
 * Throws `object.wrong-copy` where both ETags are MD5s and differ, and what get and put throw.
 */
export async function streamHeld(
  object: LogObject,
  targetKey: string,
  { source, target }: CopySides,
  signal: AbortSignal,
): Promise<StoredCopy> {
  const receive = () =>
    heldBody(object, async (body, headers) => {
      const checked = await checkContent(body, headers, object.sizeBytes)
      return { body, headers: objectHeaders(headers), md5: checked.includes('md5') }
    })
  const got = await source.get(object, receive, signal)
  const stored = await target.put(targetKey, got.body, got.headers, signal)
  if (got.md5) refuseOtherEtag(object, stored, targetKey)
  return stored
}

/**
 * The same for what is too large to hold: a range at a time, in order, the checks running over all of them. The last range is
 * not given away before they hold, so that a wrong body is never completed.
 */
export async function streamParts(
  object: LogObject,
  targetKey: string,
  { source, target }: CopySides,
  maxHeldBytes: number,
  signal: AbortSignal,
): Promise<StoredCopy> {
  const head = await source.head(object.key, signal)
  refuseChanged(object, head)
  const partBytes = Math.max(maxHeldBytes, Math.ceil(object.sizeBytes / mostParts))
  for (let attempt = 1; ; attempt++) {
    try {
      return await target.uploadInParts(targetKey, checkedParts(object, head, source, partBytes, signal), head, signal)
    } catch (error) {
      // A wrong byte shows at the end alone, when each of the calls has long been answered
      if (attempt >= maxAttempts || !(error instanceof CrosstrailError && error.code === 'object.corrupt')) throw error
    }
  }
}

const maxAttempts = 5

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const mostParts = 10_000

async function* checkedParts(
  { key, etag, sizeBytes }: LogObject,
  head: ObjectHead,
  source: SourceSide,
  partBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const check = new ContentCheck(answerHeaders(head), sizeBytes)
  for (let start = 0; start < sizeBytes; start += partBytes) {
    const endInclusive = Math.min(start + partBytes, sizeBytes) - 1
    const { bytes } = await source.getRange(key, { start, endInclusive, etag }, signal)
    check.update(bytes)
    if (endInclusive === sizeBytes - 1) await check.finish()
    yield bytes
  }
}

/** What a GET of the whole would have announced. */
function answerHeaders({ etag, encryption, checksums, sizeBytes }: ObjectHead): ObjectHeaders {
  return {
    'content-length': String(sizeBytes),
    etag,
    ...(encryption !== undefined && { 'x-amz-server-side-encryption': encryption }),
    ...Object.fromEntries(
      Object.entries(checksums).map(([algorithm, value]) => [`x-amz-checksum-${algorithm}`, value]),
    ),
  }
}

function refuseOtherEtag(object: LogObject, { etag = '', encryption }: StoredCopy, targetKey: string): void {
  if (!etagIsMd5({ etag, encryption }) || etag === object.etag) return
  throw wrongCopy(object, targetKey)
}

/** Throws `object.changed` where the object is no longer the one listed. */
export function refuseChanged(object: LogObject, head: Pick<ObjectHead, 'etag' | 'sizeBytes'>): void {
  if (head.sizeBytes === object.sizeBytes && (object.etag === '' || head.etag === object.etag)) return
  throw new CrosstrailError('object.changed', `${object.key} was replaced after it was listed`, {
    hint: 'run again; CloudTrail itself never replaces a log: find out who did',
    facts: { listedEtag: object.etag, etag: head.etag },
  })
}

/** For a copy that was stored and is not what was to be copied. */
export function wrongCopy(object: LogObject, targetKey: string): CrosstrailError {
  return new CrosstrailError('object.wrong-copy', `the copy of ${object.key} is there and holds something else`, {
    hint: 'run again with --overwrite and --verify; keep the original until the copy is right',
    facts: { targetKey },
  })
}
