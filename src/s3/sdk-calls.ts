import type { BucketPlace } from './calls.ts'
import type { KeySource, SigningKeys } from './key-source.ts'
import type { EmptyPagesLimit } from './empty-pages.ts'
import type { HttpClient } from './http.ts'
import { interrupted } from './interrupted.ts'
import type { Operation } from './operations.ts'
import { defaultRetryPolicy, type RetryPolicy, retrying } from './retry.ts'
import type { S3 } from './s3-client.ts'
import { type BucketEndpoint, openS3, resolveBucketEndpoint } from './sdk.ts'
import { sdkFault, sdkUnreadable } from './sdk-fault.ts'
import { type CallContext, faultError, isElsewhere, isExpired, type ServiceFault } from './service-error.ts'

export interface SdkCallsOptions {
  readonly place: BucketPlace
  readonly keys: KeySource
  readonly http: HttpClient
  readonly maxAttempts?: number | undefined
  /** How many consecutive pages of a listing may be empty. */
  readonly emptyPages?: EmptyPagesLimit | undefined
  /** The SDK's rules by default. Only the addressing style is taken from the result. */
  readonly resolveEndpoint?: ((bucket: string, region: string) => Promise<BucketEndpoint>) | undefined
}

export interface SdkCall {
  readonly s3: S3
  /** The parameters of every request: the bucket and its required owner. */
  readonly place: { readonly Bucket: string; readonly ExpectedBucketOwner: string }
  readonly options: { readonly abortSignal?: AbortSignal }
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined
  readonly maxAttempts?: number | undefined
}

/**
 * Sends the rarer calls of one bucket through the SDK, with one account's session. It is the only retry loop of these calls: it repeats
 * temporary failures after a pause, renews an expired session, and follows one redirect to another region. All errors are CrosstrailErrors.
 */
export class SdkCalls {
  readonly bucket: BucketPlace
  readonly #options: SdkCallsOptions
  readonly #policy: RetryPolicy
  readonly #place: SdkCall['place']
  #region: string
  #pathStyle: Promise<boolean> | undefined
  #opened: { readonly keys: SigningKeys; readonly region: string; readonly s3: Promise<S3> } | undefined

  constructor(options: SdkCallsOptions) {
    const { place, maxAttempts = defaultRetryPolicy.maxAttempts } = options
    this.bucket = place
    this.#options = options
    this.#policy = { ...defaultRetryPolicy, maxAttempts }
    this.#region = place.region
    this.#place = { Bucket: place.bucket, ExpectedBucketOwner: place.owner }
  }

  /** `target` is the key or the prefix. Throws CrosstrailError after its retries. */
  send<T>(
    operation: Operation,
    target: string,
    { signal, maxAttempts = this.#policy.maxAttempts }: SendOptions,
    call: (with_: SdkCall) => Promise<T>,
  ): Promise<T> {
    const { place, keys: source } = this.#options
    const context: CallContext = { operation, bucket: place.bucket, owner: place.owner, target }
    let renewals = 0
    let moved = false
    const once = async (): Promise<T> => {
      const keys = await source.current()
      const region = this.#region
      const s3 = await this.#open(keys, region)
      try {
        return await call({ s3, place: this.#place, options: signal === undefined ? {} : { abortSignal: signal } })
      } catch (error) {
        if (signal?.aborted === true) throw interrupted(signal)
        const fault = sdkFault(error)
        if (fault === undefined) throw sdkUnreadable(error, context)
        if (isElsewhere(fault, region) && !moved) {
          moved = true
          this.#region = fault.bucketRegion
          return once()
        }
        if (mayBeExpired(fault) && renewals < (isExpired(fault) ? this.#policy.maxAttempts : renewalsOnSuspicion)) {
          renewals++
          await source.renew(keys)
          return once()
        }
        throw faultError(fault, context)
      }
    }
    return retrying(once, { ...this.#policy, maxAttempts }, signal)
  }

  /** Opens a new client for new keys, because a client keeps the keys that it was created with. */
  #open(keys: SigningKeys, region: string): Promise<S3> {
    const opened = this.#opened
    if (
      opened?.region === region &&
      opened.keys.accessKeyId === keys.accessKeyId &&
      opened.keys.sessionToken === keys.sessionToken
    )
      return opened.s3
    const { http, place } = this.#options
    const s3 = this.#usesPathStyle().then((pathStyle) =>
      openS3({ bucket: place.bucket, region, pathStyle, requesterPays: place.requesterPays, keys, http }),
    )
    this.#opened = { keys, region, s3 }
    return s3
  }

  /** Uses the same addressing style as the hand-signed calls. */
  #usesPathStyle(): Promise<boolean> {
    const { place, resolveEndpoint = resolveBucketEndpoint } = this.#options
    this.#pathStyle ??= resolveEndpoint(place.bucket, place.region).then(({ pathPrefix }) => pathPrefix !== '')
    return this.#pathStyle
  }
}

/** One renewal, and a second one in case the new session has expired too: calls that are retried for minutes outlive sessions. */
const renewalsOnSuspicion = 2

/** The answer to a HEAD has no document, so its 400 may mean an expired session. */
function mayBeExpired(fault: ServiceFault): boolean {
  return isExpired(fault) || fault.code === 'BadRequest'
}
