import type { AccountId } from '../trail/account-id.ts'
import { Attempt } from './attempt.ts'
import type { KeySource, SigningKeys } from './credentials.ts'
import type { HttpClient } from './http-client.ts'
import type { Pacer } from './pacer.ts'
import { defaultRetryPolicy, type RetryPolicy, retrying } from './retry.ts'
import type { BucketEndpoint } from './sdk.ts'
import { type CallContext, paceOf } from './service-error.ts'
import { Signer } from './sigv4.ts'

/** A bucket and whose it must be. */
export interface BucketPlace {
  readonly bucket: string
  readonly owner: AccountId
  readonly region: string
  readonly requesterPays: boolean
}

export interface CallsOptions {
  readonly trail: BucketPlace
  readonly keys: KeySource
  readonly http: HttpClient
  readonly pacer: Pacer
  readonly retry?: RetryPolicy | undefined
  readonly resolveEndpoint: (bucket: string, region: string) => Promise<BucketEndpoint>
  /** A redirect was followed. Told once. */
  readonly onRegionFound?: ((region: string) => void) | undefined
  readonly nowMs?: (() => number) | undefined
}

/**
 * Sends the calls of one bucket through one account's session, each signed and naming the expected bucket owner.
 * The one retry loop: passing faults wait and come again, an expired session is renewed, another region is followed once.
 */
export class Calls {
  readonly http: HttpClient
  readonly #options: CallsOptions
  readonly #headers: Readonly<Record<string, string>>
  #place: Promise<{ endpoint: BucketEndpoint; signer: Signer }> | undefined

  constructor(options: CallsOptions) {
    this.http = options.http
    this.#options = options
    this.#headers = {
      'x-amz-expected-bucket-owner': options.trail.owner,
      ...(options.trail.requesterPays && { 'x-amz-request-payer': 'requester' }),
    }
  }

  send<T>(
    operation: CallContext['operation'],
    target: string,
    signal: AbortSignal | undefined,
    exchange: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const { pacer, keys: source, trail, retry = defaultRetryPolicy, nowMs = Date.now } = this.#options
    const context: CallContext = { operation, bucket: trail.bucket, owner: trail.owner, target }
    let renewals = 0
    const once = async (): Promise<T> => {
      let sent: { readonly attempt: Attempt; readonly keys: SigningKeys; readonly region: string } | undefined
      try {
        return await pacer.run(async () => {
          // Not before there is a place: in the wait for one, keys expire and the bucket's region is found.
          const { endpoint, signer } = await (this.#place ??= this.#locate(trail.region))
          const keys = await source.current()
          const attempt = new Attempt({ context, endpoint, signer, keys, headers: this.#headers, nowMs })
          sent = { attempt, keys, region: endpoint.region }
          return exchange(attempt)
        }, paceOf)
      } catch (error) {
        if (sent?.attempt.expired === true && renewals < retry.maxAttempts) {
          renewals++
          await source.renew(sent.keys)
          return once()
        }
        if (sent?.attempt.elsewhere !== undefined && sent.region === trail.region) {
          await this.#move(sent.attempt.elsewhere)
          return once()
        }
        throw error
      }
    }
    return retrying(once, retry, signal)
  }

  async #locate(region: string): Promise<{ endpoint: BucketEndpoint; signer: Signer }> {
    return {
      endpoint: await this.#options.resolveEndpoint(this.#options.trail.bucket, region),
      signer: new Signer(region),
    }
  }

  async #move(region: string): Promise<void> {
    const place = await this.#place
    if (place?.endpoint.region === region) return
    this.#place = this.#locate(region)
    await this.#place
    this.#options.onRegionFound?.(region)
  }
}
