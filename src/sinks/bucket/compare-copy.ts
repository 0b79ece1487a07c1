import { CrosstrailError, hasCode } from '../../error.ts'
import type { ObjectHead } from '../../s3/object-head.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { ReadableSide } from './sides.ts'
import { etagKind, judgeHeads, sharedChecksums } from './copy-twin.ts'
import { digestingBody } from './digesting-body.ts'
import { type ListedBody, refuseChanged } from '../listed-body.ts'

/**
 * What two equal objects were compared by: `md5` for equal ETags that are MD5s, `etag` for other ETags, `content` if both were read,
 * `size`, or the names of checksums: `crc64nvme`, `crc32+sha256`.
 */
export type SameBy = string

/**
 * Returns how the object under the target's key was found equal to this one; undefined if it differs. Sends HEAD requests. Reads both
 * objects only with `verify` and if HEAD is not enough; then size alone is never trusted. Throws `object.changed`, and `object.unverified`
 * if the target is archived and must be read.
 */
export async function compareCopy(
  object: LogObject,
  targetKey: string,
  { source, target }: { readonly source: ReadableSide; readonly target: ReadableSide },
  verify: boolean,
  signal: AbortSignal,
): Promise<SameBy | undefined> {
  const targetHead = await target.head(targetKey, signal)
  let verdict = judgeHeads(targetHead, undefined, verify)
  let sourceHead: ObjectHead | undefined
  if (verdict === 'ask-source') {
    sourceHead = await source.head(object.key, signal)
    refuseChanged(object, sourceHead)
    verdict = judgeHeads(targetHead, sourceHead, verify)
  }
  switch (verdict) {
    case 'etag':
      return etagKind(targetHead.etag)
    case 'checksum':
      return sharedChecksums(targetHead, sourceHead).join('+')
    case 'size':
      return verdict
    case 'differs':
      return undefined
    case 'ask-source':
    case 'read': {
      const sourceDigest = await digestOf(source, object, signal)
      const targetDigest = await digestOf(target, { ...targetHead, key: targetKey }, signal).catch((error: unknown) => {
        throw hasCode(error, 'object.archived') ? unverified(targetKey, error) : error
      })
      return sourceDigest === targetDigest ? 'content' : undefined
    }
  }
}

function digestOf(side: ReadableSide, object: ListedBody, signal: AbortSignal): Promise<string> {
  return side.get(object, () => digestingBody(object), signal)
}

function unverified(targetKey: string, cause: unknown): CrosstrailError {
  const message = `${targetKey} is archived, and neither its ETag nor a checksum shows whether its content is the same`
  return new CrosstrailError('object.unverified', message, {
    hint: 'restore it and run again, or leave --verify out to trust its size',
    facts: { targetKey },
    cause,
  })
}
