import { CrosstrailError } from '../error.ts'
import type { ObjectHead } from './object-head.ts'
import { type CopySource, type StorageOptions, type StoredCopy, storageHeaders } from './copy-target.ts'
import { PartsUpload } from './parts-upload.ts'
import { inParallel } from './part-pool.ts'
import { SdkCalls, type SdkCallsOptions } from './sdk-calls.ts'
import { replacedHint } from './service-error.ts'
import { encodeComponent, encodeKey } from './uri.ts'

const smallestPartBytes = 5 * 1024 ** 2
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const mostParts = 10_000

export interface PartsOptions {
  /** The size of the parts of a server-side copy. The default is 1 GiB. It is raised if it would take more than 10,000 parts. */
  readonly partSizeBytes?: number | undefined
  /** The number of concurrent parts. During an upload, each is held in memory. */
  readonly concurrency?: number | undefined
  /** Whether an upload may replace an object. The default is true. */
  readonly replace?: boolean | undefined
}

/** Writes large copies to a bucket in parts, through one account's session. After a failure no parts remain. */
export class PartsTarget {
  readonly #options: SdkCallsOptions
  readonly #calls: SdkCalls
  readonly #storage: StorageOptions

  constructor(options: SdkCallsOptions, storage: StorageOptions) {
    this.#options = options
    this.#calls = new SdkCalls(options)
    this.#storage = storage
  }

  /**
   * Copies an object with its metadata and tags on the server's side, if it is still the listed object. `head` is the source's HEAD; the
   * source must not be empty. Throws CrosstrailError: `object.changed`, `object.gone`, `object.archived`, `access.copy-denied`,
   * `access.put-denied`, `access.tagging-denied`, `access.kms-denied`, `network.…`, `interrupted`.
   */
  async copyInParts(
    source: CopySource,
    head: ObjectHead,
    targetKey: string,
    { partSizeBytes = 1024 ** 3, concurrency = 8 }: PartsOptions = {},
    signal?: AbortSignal,
  ): Promise<StoredCopy> {
    // Some stores ignore the condition on a part. This detects a source that changed before its HEAD.
    if (source.object.etag !== '' && head.etag !== source.object.etag) throw replaced(source.object.key)
    const tags = this.#storage.tags ?? (await this.#tagsOf(source, signal))
    const upload = await this.#begin(targetKey, head, { ...this.#storage, tags }, signal)
    return upload.finishOrAbort(async () => {
      const from = {
        CopySource: `${encodeComponent(source.bucket)}/${encodeKey(source.object.key)}`,
        ...(source.object.etag !== '' && { CopySourceIfMatch: `"${source.object.etag}"` }),
        ExpectedSourceBucketOwner: source.owner,
      }
      const parts = partRanges(head.sizeBytes, partSizeBytes)
      await inParallel(parts, concurrency, (part) => upload.copyPart(part.number, part.range, from), upload.stop)
    })
  }

  /**
   * Uploads the parts in their order. All have the same size, at least 5 MiB, except the last. `head` describes the expected whole object.
   * Throws CrosstrailError: `object.truncated`, `object.too-long`, `access.put-denied`, `access.kms-denied`, `network.…`, `interrupted`,
   * what `parts` throws, and `object.changed` if there is an object under the key that must not be replaced.
   */
  async uploadInParts(
    targetKey: string,
    parts: AsyncIterable<Uint8Array>,
    head: Pick<ObjectHead, 'sizeBytes' | 'headers' | 'checksums'>,
    { concurrency = 2, replace = true }: Pick<PartsOptions, 'concurrency' | 'replace'> = {},
    signal?: AbortSignal,
  ): Promise<StoredCopy> {
    const upload = await this.#begin(targetKey, head, this.#storage, signal, replace)
    return upload.finishOrAbort(async () => {
      let sizeBytes = 0
      let number = 0
      const send = (bytes: Uint8Array): Promise<void> => {
        sizeBytes += bytes.length
        number++
        if (sizeBytes > head.sizeBytes) throw wrongSize('object.too-long', targetKey, sizeBytes, head.sizeBytes)
        return upload.uploadPart(number, bytes)
      }
      await inParallel(parts, concurrency, send, upload.stop)
      if (sizeBytes < head.sizeBytes) throw wrongSize('object.truncated', targetKey, sizeBytes, head.sizeBytes)
      if (number === 0) await upload.uploadPart(1, new Uint8Array())
    })
  }

  #begin(
    targetKey: string,
    head: Pick<ObjectHead, 'sizeBytes' | 'headers' | 'checksums'>,
    storage: StorageOptions,
    signal: AbortSignal | undefined,
    replace = true,
  ): Promise<PartsUpload> {
    const headers = { ...head.headers, ...storageHeaders(storage) }
    return PartsUpload.begin(this.#calls, { key: targetKey, headers, head, replace }, signal)
  }

  /** Reads the source's tags, because a copy in parts does not keep them. A copy in one call does. */
  async #tagsOf(
    { bucket, owner, object }: CopySource,
    signal: AbortSignal | undefined,
  ): Promise<StorageOptions['tags']> {
    const calls = new SdkCalls({ ...this.#options, place: { ...this.#options.place, bucket, owner } })
    const { TagSet = [] } = await calls.send('GetObjectTagging', object.key, { signal }, ({ s3, place, options }) =>
      s3.getObjectTagging({ ...place, Key: object.key }, options),
    )
    if (TagSet.length === 0) return undefined
    return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]))
  }
}

/** Yields the parts of an object: ranges in the syntax of S3, numbered from 1, at most 10,000. */
export function* partRanges(
  sizeBytes: number,
  wantedPartBytes: number,
): Generator<{ readonly number: number; readonly range: string }> {
  const partBytes = Math.max(wantedPartBytes, smallestPartBytes, Math.ceil(sizeBytes / mostParts))
  for (let start = 0, number = 1; start < sizeBytes; start += partBytes, number++) {
    yield { number, range: `bytes=${start}-${Math.min(start + partBytes, sizeBytes) - 1}` }
  }
}

function replaced(key: string): CrosstrailError {
  return new CrosstrailError('object.changed', `${key} is not the object that was listed`, {
    hint: replacedHint,
  })
}

function wrongSize(
  code: 'object.too-long' | 'object.truncated',
  key: string,
  sizeBytes: number,
  expected: number,
): CrosstrailError {
  return new CrosstrailError(code, `${key} arrived with ${sizeBytes} of ${expected} bytes`, {
    hint: 'the source changed, or its answers were cut off: run again',
    facts: { sizeBytes, expected },
  })
}
