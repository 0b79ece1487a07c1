import { Readable } from 'node:stream'
import { ContentCheck } from '../../disk/content-check.ts'
import { expectedMd5 } from '../../disk/expected-sums.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import type { ObjectHead } from '../../s3/object-head.ts'
import type { AnswerConnection } from '../../s3/http.ts'
import { objectHeaders, type ObjectHeaders, type StoredCopy } from '../../s3/copy-target.ts'
import { mostParts } from '../../s3/parts-target.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { CopySides, SourceSide } from './sides.ts'
import { etagIsMd5 } from './copy-twin.ts'
import { refuseChanged } from '../listed-body.ts'
import { type HeldObject, heldObject } from '../object-receiver.ts'

/**
 * Gets an object, unless it was read before, checks it as a download does, and puts it with its metadata under another key, without the disk.
 * Throws `object.wrong-copy` if both ETags are MD5s and differ, and what get and put throw.
 */
export async function streamHeld(
  object: LogObject,
  targetKey: string,
  { source, target }: CopySides,
  held: HeldObject | undefined,
  signal: AbortSignal,
): Promise<StoredCopy> {
  const { body, headers } = held ?? (await source.get(object, () => heldObject(object), signal))
  const stored = await target.put(targetKey, body, objectHeaders(headers), signal)
  const md5 = expectedMd5(headers, object.etag)?.value
  if (md5 !== undefined) refuseOtherMd5(object, md5, stored, targetKey)
  return stored
}

/** Puts a large object that was read before under another key, in parts. */
export async function storeInParts(
  object: LogObject,
  targetKey: string,
  { source, target }: CopySides,
  { body }: HeldObject,
  maxHeldBytes: number,
  signal: AbortSignal,
): Promise<StoredCopy> {
  const head = await source.head(object.key, signal)
  refuseChanged(object, head)
  const partBytes = partSize(object, maxHeldBytes)
  const parts = Array.from({ length: Math.ceil(body.length / partBytes) }, (_, part) =>
    body.subarray(part * partBytes, (part + 1) * partBytes),
  )
  return target.uploadInParts(targetKey, Readable.from(parts), head, signal)
}

function partSize({ sizeBytes }: LogObject, maxHeldBytes: number): number {
  return Math.max(maxHeldBytes, Math.ceil(sizeBytes / mostParts))
}

/**
 * Does the same for an object that is too large for memory: range by range, with running checks. The last range is passed on only after the
 * checks, so that a wrong body is never completed.
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
  const partBytes = partSize(object, maxHeldBytes)
  for (let attempt = 1; ; attempt++) {
    try {
      return await target.uploadInParts(targetKey, checkedParts(object, head, source, partBytes, signal), head, signal)
    } catch (error) {
      // A wrong byte shows only at the end, when each call has long succeeded.
      if (attempt >= source.maxAttempts || !hasCode(error, 'object.corrupt')) throw error
    }
  }
}

async function* checkedParts(
  object: LogObject,
  head: ObjectHead,
  source: SourceSide,
  partBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { key, etag, sizeBytes } = object
  const check = new ContentCheck(answerHeaders(head), object)
  const connections = new Set<AnswerConnection>()
  for (let start = 0; start < sizeBytes; start += partBytes) {
    const endInclusive = Math.min(start + partBytes, sizeBytes) - 1
    const { bytes, connection } = await source.getRange(key, { start, endInclusive, etag }, signal)
    connections.add(connection)
    check.update(bytes)
    if (endInclusive === sizeBytes - 1) await finish(check, connections)
    yield bytes
  }
}

/** It is not known which range was wrong, so no connection can be trusted. */
async function finish(check: ContentCheck, connections: Iterable<AnswerConnection>): Promise<void> {
  try {
    await check.finish()
  } catch (error) {
    for (const connection of connections) connection.distrust()
    throw error
  }
}

/** The headers that a GET of the whole object would have. */
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

/** This compares two ETags and computes no MD5, so it also works without MD5. */
function refuseOtherMd5(object: LogObject, md5: string, stored: StoredCopy, targetKey: string): void {
  const { etag = '', encryption } = stored
  if (!etagIsMd5({ etag, encryption }) || etag.toLowerCase() === md5) return
  throw wrongCopy(object, targetKey)
}

/** Creates the error for a copy that was stored, but differs from the original. */
export function wrongCopy(object: LogObject, targetKey: string): CrosstrailError {
  return new CrosstrailError('object.wrong-copy', `the copy of ${object.key} was stored, but has other content`, {
    hint: 'run again with --overwrite and --verify; keep the original until the copy is right',
    facts: { targetKey },
  })
}
