import type { AccountId } from '../trail/account-id.ts'
import { Attempt } from './attempt.ts'
import type { KeySource, SigningKeys } from './key-source.ts'
import type { EmptyPagesLimit } from './empty-pages.ts'
import type { HttpClient } from './http.ts'
import type { Pace, Pacer } from './pacer.ts'
import { backoffMs, defaultRetryPolicy, endsObject, isPassing, pause, type RetryPolicy } from './retry.ts'
import type { BucketEndpoint } from './sdk.ts'
import { type CallContext, paceOf } from './service-error.ts'
import { Signer } from './sigv4.ts'

/** A bucket and its required owner. */
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
  /** Called once, after a redirect to another region was followed. */
  readonly onRegionFound?: ((region: string) => void) | undefined
  readonly nowMs?: (() => number) | undefined
  /** How many consecutive pages of a listing may be empty. */
  readonly emptyPages?: EmptyPagesLimit | undefined
}

interface Place {
  readonly endpoint: BucketEndpoint
  readonly signer: Signer
}

/**
 * Sends the calls of one bucket through one account's session. Each call is signed and names the expected bucket owner.
 * This is the only retry loop. It repeats temporary failures after a pause, renews an expired session, follows one redirect to another
 * region, and confirms a final verdict about an object once over a new connection.
 */
export class Calls {
  readonly http: HttpClient
  readonly #options: CallsOptions
  readonly #headers: Readonly<Record<string, string>>
  #place: Place | undefined
  #locating: Promise<Place> | undefined

  constructor(options: CallsOptions) {
    this.http = options.http
    this.#options = options
    this.#headers = {
      'x-amz-expected-bucket-owner': options.trail.owner,
      ...(options.trail.requesterPays && { 'x-amz-request-payer': 'requester' }),
    }
  }

  async send<T>(
    operation: CallContext['operation'],
    target: string,
    signal: AbortSignal | undefined,
    exchange: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const { keys: source, trail, pacer, retry = defaultRetryPolicy, nowMs = Date.now } = this.#options
    const context: CallContext = { operation, bucket: trail.bucket, owner: trail.owner, target }
    let renewals = 0
    let confirms = false
    for (let number = 1; ;) {
      // Awaits only if there is something to wait for: the cost of an await adds up over many objects.
      const room = pacer.enter(signal)
      if (room !== undefined) await room
      let pace: Pace = 'unknown'
      let keys: SigningKeys | undefined
      let attempt: Attempt | undefined
      let failure: unknown
      try {
        // Keys and place are read only now: while the call waited, keys may have expired or the bucket's region may have been found.
        const { endpoint, signer } = this.#place ?? (await this.#locate(trail.region))
        const current = source.current()
        keys = current instanceof Promise ? await current : current
        attempt = new Attempt({ context, endpoint, signer, keys, nowMs, http: this.http, confirms })
        const result = await exchange(attempt)
        pace = 'answered'
        return result
      } catch (error) {
        pace = paceOf(error)
        failure = error
      } finally {
        pacer.leave(pace)
      }
      if (attempt?.expired === true && keys !== undefined && renewals < retry.maxAttempts) {
        renewals++
        await source.renew(keys)
      } else if (attempt?.elsewhere !== undefined && attempt.region === trail.region) {
        await this.#move(attempt.elsewhere)
      } else if (endsObject(failure) && !confirms) {
        // It may have been a stray answer, which looks like any other answer.
        confirms = true
      } else {
        if (!isPassing(failure) || number >= retry.maxAttempts) throw failure
        await pause(backoffMs(number++, retry, Math.random), signal)
      }
    }
  }

  #locate(region: string): Promise<Place> {
    this.#locating ??= this.#options.resolveEndpoint(this.#options.trail.bucket, region).then((endpoint) => {
      this.#place ??= { endpoint, signer: new Signer(region, this.#headers) }
      return this.#place
    })
    return this.#locating
  }

  async #move(region: string): Promise<void> {
    if (this.#place?.endpoint.region === region) return
    const endpoint = await this.#options.resolveEndpoint(this.#options.trail.bucket, region)
    if (this.#place?.endpoint.region === region) return
    this.#place = { endpoint, signer: new Signer(region, this.#headers) }
    this.#options.onRegionFound?.(region)
  }
}
