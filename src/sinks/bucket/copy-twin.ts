import type { ObjectHead } from '../../s3/object-head.ts'
import type { ListedObject } from '../../trail/log-object.ts'

/** What to do with an object, by the listings of both places. */
export type TwinDecision = 'copy' | 'present' | 'differs' | 'ask'

type Listed = Pick<ListedObject, 'sizeBytes' | 'etag'>

/**
 * Decides what to do with an object by the listings of both places alone.
 *
 * | in the other place | size | ETags | `--overwrite` | |
 * | --- | --- | --- | --- | --- |
 * | nothing | | | | copy |
 * | an object | differs | | no | differs |
 * | an object | differs | | yes | copy |
 * | an object | equal | equal | | present |
 * | an object | equal | differ, or one is missing | | ask |
 */
export function decideTwin(object: Listed, twin: Listed | undefined, overwrite: boolean): TwinDecision {
  if (twin === undefined) return 'copy'
  if (twin.sizeBytes !== object.sizeBytes) return overwrite ? 'copy' : 'differs'
  return twin.etag !== '' && twin.etag === object.etag ? 'present' : 'ask'
}

/** What HEAD says of the two objects: equal by one of these, different, or not yet known. */
export type HeadVerdict = 'etag' | 'checksum' | 'size' | 'differs' | 'ask-source' | 'read'

type Head = Pick<ObjectHead, 'sizeBytes' | 'etag' | 'encryption' | 'checksums'>

/**
 * Decides by HEAD whether two objects are equal. The source's HEAD is requested only if the target's is not enough. The first row that
 * matches decides:
 *
 * | source asked | size | ETags | checksums of both | both ETags are MD5s | the target's ETag is one | `--verify` | |
 * | --- | --- | --- | --- | --- | --- | --- | --- |
 * | yes | differs | | | | | | differs |
 * | yes | equal | equal | | | | | same, by ETag |
 * | yes | equal | differ | all equal | | | | same, by checksum |
 * | yes | equal | differ | one differs | | | | differs |
 * | yes | equal | differ | none | yes | | | differs |
 * | yes | equal | differ | none | no | | yes | read both |
 * | yes | equal | differ | none | no | | no | same, by size |
 * | no | | | | | no | no | same, by size |
 * | no | | | | | no | yes | ask the source |
 * | no | | | | | yes | | ask the source |
 */
export function judgeHeads(target: Head, source: Head | undefined, verify: boolean): HeadVerdict {
  if (source === undefined) return !verify && !etagIsMd5(target) ? 'size' : 'ask-source'
  if (source.sizeBytes !== target.sizeBytes) return 'differs'
  if (source.etag !== '' && source.etag === target.etag) return 'etag'
  const shared = sharedChecksums(target, source)
  if (shared.length > 0) {
    return shared.every((algorithm) => source.checksums[algorithm] === target.checksums[algorithm])
      ? 'checksum'
      : 'differs'
  }
  if (etagIsMd5(source) && etagIsMd5(target)) return 'differs'
  return verify ? 'read' : 'size'
}

export function sharedChecksums(target: Head, source: Head | undefined): readonly string[] {
  return Object.keys(source?.checksums ?? {}).filter((algorithm) => algorithm in target.checksums)
}

/** Returns the kind of an ETag that two objects share. KMS gives each object an ETag of its own, so a shared one that looks like an MD5 is one. */
export function etagKind(etag: string): 'md5' | 'etag' {
  return md5Pattern.test(etag) ? 'md5' : 'etag'
}

const md5Pattern = /^[0-9a-f]{32}$/i

/** The ETag is the MD5 of a one-part upload under S3's own key or none: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
export function etagIsMd5({ etag, encryption }: Pick<ObjectHead, 'etag' | 'encryption'>): boolean {
  return md5Pattern.test(etag) && (encryption === undefined || encryption === 'AES256')
}
