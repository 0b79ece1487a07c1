import { Bucket } from '../s3/bucket.ts'
import { CallTally } from '../s3/call-tally.ts'
import type { BucketPlace, CallsOptions } from '../s3/calls.ts'
import type { KeySource } from '../s3/key-source.ts'
import type { HttpClient } from '../s3/http.ts'
import { createHttpClient } from '../s3/http-client.ts'
import { Pacer } from '../s3/pacer.ts'
import { defaultRetryPolicy } from '../s3/retry.ts'
import type { SdkCallsOptions } from '../s3/sdk-calls.ts'
import { type BucketEndpoint, resolveBucketEndpoint } from '../s3/sdk.ts'
import type { Config } from '../config/config.ts'
import type { Environment } from '../cli/command.ts'

export interface BucketsOptions {
  readonly trail: Config['trail']
  readonly env: Environment
  /** The ceiling of calls under way. */
  readonly maxConcurrency: number
  /** What the server was found to take. */
  readonly initialConcurrency?: number | undefined
  /** Counts the calls of the other threads too: `CallTally.shared` of the run's own. */
  readonly tally?: SharedArrayBuffer | undefined
  readonly stallTimeoutMs: number | undefined
  readonly maxAttempts: number | undefined
  /** Of the trail's bucket, where it is known: to resolve it, the SDK must be loaded. */
  readonly endpoint?: BucketEndpoint | undefined
}

/** Opens the trail's bucket for the accounts of one thread: they share connections, pacing and the endpoint. */
export class Buckets {
  readonly http: HttpClient
  readonly #options: BucketsOptions
  readonly tally: CallTally
  readonly #pacer: Pacer
  readonly #endpoints = new Map<string, Promise<BucketEndpoint>>()

  constructor(options: BucketsOptions) {
    this.#options = options
    this.http = createHttpClient({
      env: options.env,
      ...(options.stallTimeoutMs !== undefined && { stallTimeoutMs: options.stallTimeoutMs }),
    })
    const { endpoint, trail, maxConcurrency, initialConcurrency } = options
    this.tally = new CallTally(options.tally)
    const { tally } = this
    this.#pacer = new Pacer({ maxConcurrency, tally, ...(initialConcurrency !== undefined && { initialConcurrency }) })
    if (endpoint !== undefined)
      this.#endpoints.set(endpointName(trail.bucket, endpoint.region), Promise.resolve(endpoint))
  }

  /** How many calls at a time are made now, if there are so many to make. */
  get concurrency(): number {
    return this.#pacer.limit
  }

  /** How often a call is made that fails in passing. */
  get maxAttempts(): number {
    return this.#options.maxAttempts ?? defaultRetryPolicy.maxAttempts
  }

  /** A lower ceiling of calls under way. Resolves when no more are. */
  lower(maxConcurrency: number): Promise<void> {
    return this.#pacer.lower(maxConcurrency)
  }

  /** Of the trail's bucket. Rejects with `config.endpoint`. */
  trailEndpoint(): Promise<BucketEndpoint> {
    return this.#endpoint(this.#options.trail.bucket, this.#options.trail.region)
  }

  /** The trail's bucket. */
  open(keys: KeySource, onRegionFound: (region: string) => void): Bucket {
    return new Bucket(this.calls(this.#options.trail, keys, onRegionFound))
  }

  /** What the wire needs for calls to any bucket, with these keys. */
  calls(place: BucketPlace, keys: KeySource, onRegionFound: (region: string) => void): CallsOptions {
    return {
      trail: place,
      keys,
      http: this.http,
      pacer: this.#pacer,
      retry: { ...defaultRetryPolicy, maxAttempts: this.maxAttempts },
      resolveEndpoint: (bucket, region) => this.#endpoint(bucket, region),
      onRegionFound,
    }
  }

  /** What the rarer calls to any bucket need, with these keys. */
  sdkCalls(place: BucketPlace, keys: KeySource): SdkCallsOptions {
    const { maxAttempts } = this.#options
    const resolveEndpoint = (bucket: string, region: string) => this.#endpoint(bucket, region)
    return { place, keys, http: this.http, maxAttempts, resolveEndpoint }
  }

  #endpoint(bucket: string, region: string): Promise<BucketEndpoint> {
    const name = endpointName(bucket, region)
    let endpoint = this.#endpoints.get(name)
    if (endpoint === undefined) {
      endpoint = resolveBucketEndpoint(bucket, region)
      this.#endpoints.set(name, endpoint)
    }
    return endpoint
  }

  close(): Promise<void> {
    return this.http.close()
  }
}

function endpointName(bucket: string, region: string): string {
  return `${region}/${bucket}`
}
