import { CrosstrailError, hasCode } from '../error.ts'
import { maskedText } from '../secrets/masked-text.ts'
import { type BucketNotifications, notificationsOf } from './bucket-notifications.ts'
import { SdkCalls, type SdkCallsOptions } from './sdk-calls.ts'
import { regionName } from './service-error.ts'

/** What a call that cannot succeed showed about the right that it needs. */
export type ProbeAnswer =
  /** S3 granted the right and then refused the impossible condition. `answer` is its status and code. */
  | { readonly verdict: 'allowed'; readonly key: string; readonly answer: string }
  | { readonly verdict: 'refused'; readonly key: string; readonly error: CrosstrailError }
  /** The server ignored every condition and carried out the call. A delete had nothing to delete, but a put has stored its object. */
  | { readonly verdict: 'condition-ignored'; readonly key: string; readonly answer: string }

/**
 * Tests a bucket through one account's session without changing anything in it. The rights to put and to delete are tested with calls that
 * cannot succeed, on a key that never existed: S3 checks the right first, and conditions and digests afterwards.
 */
export class BucketProbe {
  readonly #calls: SdkCalls

  constructor(options: SdkCallsOptions) {
    this.#calls = new SdkCalls(options)
  }

  /** Returns the bucket's region if the server names it. Throws `access.list-denied`, `bucket.not-found`, `network.…`. */
  async region(signal?: AbortSignal): Promise<string | undefined> {
    const { BucketRegion } = await this.#calls.send('HeadBucket', '', { signal }, ({ s3, place, options }) =>
      s3.headBucket(place, options),
    )
    return regionName(BucketRegion)
  }

  /** Returns `BucketOwnerEnforced` …; undefined if the bucket has no rule. Throws `access.settings-denied`. */
  async ownership(signal?: AbortSignal): Promise<string | undefined> {
    try {
      const { OwnershipControls } = await this.#calls.send(
        'GetBucketOwnershipControls',
        '',
        { signal },
        ({ s3, place, options }) => s3.getBucketOwnershipControls(place, options),
      )
      return OwnershipControls?.Rules?.[0]?.ObjectOwnership
    } catch (error) {
      if (serviceCodeOf(error) === 'OwnershipControlsNotFoundError') return undefined
      throw error
    }
  }

  /** Throws `access.settings-denied`. */
  async requesterPays(signal?: AbortSignal): Promise<boolean> {
    const { Payer } = await this.#calls.send('GetBucketRequestPayment', '', { signal }, ({ s3, place, options }) =>
      s3.getBucketRequestPayment(place, options),
    )
    return Payer === 'Requester'
  }

  /** Returns what the bucket announces. Throws `access.settings-denied`. */
  async notifications(signal?: AbortSignal): Promise<BucketNotifications> {
    const configuration = await this.#calls.send(
      'GetBucketNotificationConfiguration',
      '',
      { signal },
      ({ s3, place, options }) => s3.getBucketNotificationConfiguration(place, options),
    )
    return notificationsOf(configuration)
  }

  /** Returns how many tags an object has. Throws `access.tagging-denied`, `object.gone`. */
  async tagCount(key: string, signal?: AbortSignal): Promise<number> {
    const { TagSet = [] } = await this.#calls.send('GetObjectTagging', key, { signal }, ({ s3, place, options }) =>
      s3.getObjectTagging({ ...place, Key: key }, options),
    )
    return TagSet.length
  }

  /** Returns the KMS key that encrypts an object; undefined if there is none or S3 does not name it. Needs no right to the key. */
  async kmsKeyOf(key: string, signal?: AbortSignal): Promise<string | undefined> {
    const { SSEKMSKeyId } = await this.#calls.send('HeadObject', key, { signal }, ({ s3, place, options }) =>
      s3.headObject({ ...place, Key: key }, options),
    )
    return SSEKMSKeyId === undefined ? undefined : maskedText(SSEKMSKeyId)
  }

  /** Returns whether S3 distinguishes missing keys from unreadable ones. `key` must never have existed. */
  async tellsMissing(key: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.#calls.send('HeadObject', key, { signal }, ({ s3, place, options }) =>
        s3.headObject({ ...place, Key: key }, options),
      )
      return true
    } catch (error) {
      // The answer was not from S3.
      if (hasCode(error, 'network.foreign-answer')) throw error
      if (error instanceof CrosstrailError && error.facts['status'] === 404) return true
      if (error instanceof CrosstrailError && error.facts['status'] === 403) return false
      throw error
    }
  }

  /** Tests the right to delete `key`, which must never have existed. The call requires an ETag that no object can have. */
  mayDelete(key: string, signal?: AbortSignal): Promise<ProbeAnswer> {
    return this.#impossible('DeleteObject', key, signal, async () => {
      await this.#calls.send('DeleteObject', key, { signal }, ({ s3, place, options }) =>
        s3.deleteObject({ ...place, Key: key, IfMatch: impossibleEtag }, options),
      )
    })
  }

  /**
   * Tests the right to put `key`, which must never have existed. The call requires an existing object with an impossible ETag. It also sends
   * wrong digests of the body, so that a server that ignores conditions rejects the body as damaged.
   */
  mayPut(key: string, signal?: AbortSignal): Promise<ProbeAnswer> {
    return this.#impossible('PutObject', key, signal, async () => {
      await this.#calls.send('PutObject', key, { signal }, ({ s3, place, options }) =>
        s3.putObject(
          {
            ...place,
            Key: key,
            Body: probeBody,
            ContentMD5: wrongMd5,
            ChecksumSHA256: wrongSha256,
            IfMatch: impossibleEtag,
          },
          options,
        ),
      )
    })
  }

  async #impossible(
    operation: string,
    key: string,
    signal: AbortSignal | undefined,
    call: () => Promise<void>,
  ): Promise<ProbeAnswer> {
    try {
      await call()
      return { verdict: 'condition-ignored', key, answer: `${operation} was done` }
    } catch (error) {
      if (!(error instanceof CrosstrailError) || signal?.aborted === true) throw error
      const { status, serviceCode } = error.facts
      if (isRefusedAfterRight(Number(status), String(serviceCode))) {
        return { verdict: 'allowed', key, answer: `${status} ${serviceCode}` }
      }
      if (status === undefined) throw error
      return { verdict: 'refused', key, error }
    }
  }
}

const impossibleEtag = '"00000000000000000000000000000000"'
const probeBody = Buffer.from('never to be stored\n')
/** The digests of the empty text, which do not match the body. */
const wrongMd5 = '1B2M2Y8AsgTpgAmY7PhCfg=='
const wrongSha256 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html, and BadDigest in the list of error codes. */
function isRefusedAfterRight(status: number, serviceCode: string): boolean {
  return (
    (status === 404 && serviceCode !== 'NoSuchBucket') ||
    status === 412 ||
    status === 409 ||
    (status === 400 &&
      ['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'].includes(serviceCode))
  )
}

function serviceCodeOf(error: unknown): string | undefined {
  return error instanceof CrosstrailError ? String(error.facts['serviceCode']) : undefined
}
