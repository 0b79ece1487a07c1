import { CrosstrailError, hasCode } from '../error.ts'
import type { ObjectHead } from './object-head.ts'
import type { StoredCopy } from './copy-target.ts'
import type { SdkCall, SdkCalls } from './sdk-calls.ts'
import type { CompletedPart } from './s3-client.ts'
import { finishedUpload } from './finished-upload.ts'
import { loadSdk, withHeaders } from './sdk.ts'

export interface PartsUploadRequest {
  readonly key: string
  /** The object's own headers and those of its storage options. */
  readonly headers: Readonly<Record<string, string>>
  /** The expected whole object. S3 compares the result with it. */
  readonly head: Pick<ObjectHead, 'sizeBytes' | 'checksums'>
  /** Whether the upload may replace an object that is under the key when the parts are joined. */
  readonly replace: boolean
}

/** One multipart upload, from its start to its completion or abort. */
export class PartsUpload {
  readonly #calls: SdkCalls
  readonly #request: PartsUploadRequest
  readonly #uploadId: string
  readonly #parts = new Map<number, CompletedPart>()
  readonly #stopper = new AbortController()
  readonly #signal: AbortSignal

  constructor(calls: SdkCalls, request: PartsUploadRequest, uploadId: string, signal: AbortSignal | undefined) {
    this.#calls = calls
    this.#request = request
    this.#uploadId = uploadId
    this.#signal = signal === undefined ? this.#stopper.signal : AbortSignal.any([signal, this.#stopper.signal])
  }

  static async begin(
    calls: SdkCalls,
    request: PartsUploadRequest,
    signal: AbortSignal | undefined,
  ): Promise<PartsUpload> {
    const { CreateMultipartUploadCommand } = await loadSdk()
    const { UploadId } = await calls.send(
      'CreateMultipartUpload',
      request.key,
      { signal },
      ({ s3, place, options }) => {
        const command = new CreateMultipartUploadCommand({ ...place, Key: request.key, ...checksumOfWhole })
        // Sent unchanged: the SDK's own fields would parse dates and change the spelling of names.
        command.middlewareStack.add(withHeaders(request.headers), { step: 'build' })
        return s3.send(command, options)
      },
    )
    if (UploadId === undefined) {
      throw new CrosstrailError(
        'bucket.malformed-answer',
        `the answer that starts the upload of ${request.key} has no upload ID`,
      )
    }
    return new PartsUpload(calls, request, UploadId, signal)
  }

  /** Ends the running parts. */
  readonly stop = (): void => this.#stopper.abort()

  /** `range` has the form `bytes=0-99`. */
  async copyPart(
    number: number,
    range: string,
    from: {
      readonly CopySource: string
      readonly CopySourceIfMatch?: string
      readonly ExpectedSourceBucketOwner: string
    },
  ): Promise<void> {
    const { CopyPartResult } = await this.#send('UploadPartCopy', ({ s3, place, options }) =>
      s3.uploadPartCopy({ ...place, ...from, ...this.#name, PartNumber: number, CopySourceRange: range }, options),
    )
    this.#keep(number, CopyPartResult)
  }

  async uploadPart(number: number, bytes: Uint8Array): Promise<void> {
    const answer = await this.#send('UploadPart', ({ s3, place, options }) =>
      s3.uploadPart(
        {
          ...place,
          ...this.#name,
          PartNumber: number,
          Body: bytes,
          ChecksumAlgorithm: checksumOfWhole.ChecksumAlgorithm,
        },
        options,
      ),
    )
    this.#keep(number, answer)
  }

  /** Runs `work`, then joins the parts. If either fails, aborts the upload. */
  async finishOrAbort(work: () => Promise<void>): Promise<StoredCopy> {
    try {
      await work()
      return await this.#complete()
    } catch (error) {
      await this.#abort(error)
      throw error
    }
  }

  async #complete(): Promise<StoredCopy> {
    const { replace, head: expected } = this.#request
    const { sizeBytes, checksums } = expected
    const { crc64nvme } = checksums
    const parts = [...this.#parts].sort(([a], [b]) => a - b).map(([, part]) => part)
    let tries = 0
    try {
      const { ETag, VersionId, ServerSideEncryption } = await this.#send(
        'CompleteMultipartUpload',
        ({ s3, place, options }) => {
          tries++
          return s3.completeMultipartUpload(
            {
              ...place,
              ...this.#name,
              MultipartUpload: { Parts: parts },
              MpuObjectSize: sizeBytes,
              ChecksumType: checksumOfWhole.ChecksumType,
              ...(crc64nvme !== undefined && { ChecksumCRC64NVME: crc64nvme }),
              ...(!replace && { IfNoneMatch: '*' }),
            },
            options,
          )
        },
      )
      // Ceph RGW leaves the ETag empty.
      const etag = ETag === '' ? undefined : ETag?.replaceAll('"', '')
      return { etag, versionId: VersionId, encryption: ServerSideEncryption }
    } catch (error) {
      // An earlier attempt may have joined the parts although its answer was lost.
      const { key, head } = this.#request
      const stored =
        tries > 1 && hasCode(error, 'object.upload-gone')
          ? await finishedUpload(this.#calls, { key, head, parts }, this.#signal)
          : undefined
      if (stored === undefined) throw error
      return stored
    }
  }

  /** Ignores the signal, because an interrupted upload must be aborted too. */
  async #abort(because: unknown): Promise<void> {
    try {
      await this.#calls.send('AbortMultipartUpload', this.#request.key, { maxAttempts: 5 }, ({ s3, place }) =>
        s3.abortMultipartUpload({ ...place, ...this.#name }),
      )
    } catch (error) {
      if (hasCode(error, 'object.upload-gone')) return
      throw notAborted(because, error, this.#request.key, this.#uploadId)
    }
  }

  get #name(): { readonly Key: string; readonly UploadId: string } {
    return { Key: this.#request.key, UploadId: this.#uploadId }
  }

  #send<T>(
    operation: 'UploadPart' | 'UploadPartCopy' | 'CompleteMultipartUpload',
    call: (with_: SdkCall) => Promise<T>,
  ): Promise<T> {
    return this.#calls.send(operation, this.#request.key, { signal: this.#signal }, call)
  }

  #keep(number: number, answer: Pick<CompletedPart, 'ETag' | 'ChecksumCRC64NVME'> | undefined): void {
    if (answer?.ETag === undefined) {
      throw new CrosstrailError('bucket.malformed-answer', `part ${number} of ${this.#request.key} has no ETag`)
    }
    const { ETag, ChecksumCRC64NVME } = answer
    this.#parts.set(number, { PartNumber: number, ETag, ...(ChecksumCRC64NVME !== undefined && { ChecksumCRC64NVME }) })
  }
}

/** A checksum of the whole object, not of its parts: it can be compared with the source's checksum, whatever the source's parts. */
const checksumOfWhole = { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'FULL_OBJECT' } as const

function notAborted(because: unknown, error: unknown, key: string, uploadId: string): CrosstrailError {
  const { code, message } = because instanceof CrosstrailError ? because : { code: undefined, message: String(because) }
  return new CrosstrailError(
    code ?? 'object.upload-left',
    `${message}, and its upload ${uploadId} to ${key} could not be aborted: ${error instanceof Error ? error.message : String(error)}`,
    {
      hint: 'abort it with the S3 console or by a lifecycle rule (AbortIncompleteMultipartUpload): its parts cost money',
      facts: { uploadId },
      cause: because,
    },
  )
}
