import { CrosstrailError } from '../error.ts'
import { type ObjectHead, objectHead } from './object-head.ts'
import type { StoredCopy } from './copy-target.ts'
import { md5 } from './md5.ts'
import type { CompletedPart } from './s3-client.ts'
import type { SdkCalls } from './sdk-calls.ts'

/** What a multipart upload was to create. */
export interface AwaitedUpload {
  readonly key: string
  readonly head: Pick<ObjectHead, 'sizeBytes' | 'checksums'>
  /** In their order. */
  readonly parts: readonly CompletedPart[]
}

/**
 * Returns the object under the key if it is provably complete; undefined if it is not or cannot be read.
 * This is for an upload that no longer exists although nobody aborted it: the parts were joined, and the answer was lost. The proof is the
 * ETag, which is the MD5 of the parts' MD5s, or a checksum over the whole object. If Node has no MD5, only the checksum counts. The size alone
 * is no proof. Throws `network.…`, `bucket.…`, `interrupted`.
 */
export async function finishedUpload(
  calls: SdkCalls,
  { key, head, parts }: AwaitedUpload,
  signal: AbortSignal,
): Promise<StoredCopy | undefined> {
  const output = await calls
    .send('HeadObject', key, { signal }, ({ s3, place, options }) =>
      s3.headObject({ ...place, Key: key, ChecksumMode: 'ENABLED' }, options),
    )
    .catch((error: unknown) => {
      if (error instanceof CrosstrailError && (error.code === 'object.gone' || error.code.startsWith('access.'))) {
        return undefined
      }
      throw error
    })
  if (output === undefined) return undefined
  const { etag, sizeBytes, checksums, encryption } = objectHead(output)
  const { crc64nvme } = head.checksums
  const isWhole = etag === joinedEtag(parts) || (crc64nvme !== undefined && crc64nvme === checksums['crc64nvme'])
  if (!isWhole || sizeBytes !== head.sizeBytes) return undefined
  return { etag, versionId: output.VersionId, encryption }
}

/** Returns the ETag that S3 makes if the parts' ETags are MD5s. Under a KMS key they are not, and the result matches nothing. Undefined without MD5. */
function joinedEtag(parts: readonly CompletedPart[]): string | undefined {
  const sum = md5(...parts.map(({ ETag = '' }) => Buffer.from(ETag.replaceAll('"', ''), 'hex')))
  return sum && `${sum.toString('hex')}-${parts.length}`
}
