import { Bucket } from './bucket.ts'
import { CallTally } from './call-tally.ts'
import type { BucketPlace, CallsOptions } from './calls.ts'
import type { KeySource } from './key-source.ts'
import type { HttpClient } from './http.ts'
import { createHttpClient } from './http-client.ts'
import { Pacer } from './pacer.ts'
import { defaultRetryPolicy } from './retry.ts'
import type { SdkCallsOptions } from './sdk-calls.ts'
import { type BucketEndpoint, resolveBucketEndpoint } from './sdk.ts'

export interface BucketAccessOptions {
  readonly trail: BucketPlace
  readonly env: Readonly<Record<string, string | undefined>>
  readonly maxConcurrency: number
  /** The number of concurrent calls that the server was found to accept. */
  readonly initialConcurrency?: number | undefined
  /** Includes the calls of the other threads: the `CallTally.shared` of the run. */
  readonly tally?: SharedArrayBuffer | undefined
  readonly stallTimeoutMs: number | undefined
  readonly maxAttempts: number | undefined
  /** Returns how many calls may start per second at most. Default: no limit. */
  readonly mostPerSecond?: (() => number) | undefined
  /** The endpoint of the trail's bucket, if known. Without it, the SDK must be loaded to resolve the endpoint. */
  readonly endpoint?: BucketEndpoint | undefined
}

/** Opens buckets for the accounts of one thread. They share connections, pacing and endpoints. */
export class BucketAccess {
  readonly http: HttpClient
  readonly #options: BucketAccessOptions
  readonly tally: CallTally
  readonly #pacer: Pacer
  readonly #endpoints = new Map<string, Promise<BucketEndpoint>>()

  constructor(options: BucketAccessOptions) {
    this.#options = options
    this.http = createHttpClient({
      env: options.env,
      ...(options.stallTimeoutMs !== undefined && { stallTimeoutMs: options.stallTimeoutMs }),
    })
    const { endpoint, trail, maxConcurrency, initialConcurrency, mostPerSecond } = options
    this.tally = new CallTally(options.tally)
    const { tally } = this
    const initial = initialConcurrency !== undefined && { initialConcurrency }
    this.#pacer = new Pacer({ maxConcurrency, tally, mostPerSecond, ...initial })
    if (endpoint !== undefined)
      this.#endpoints.set(endpointName(trail.bucket, endpoint.region), Promise.resolve(endpoint))
  }

  /** The maximum number of concurrent calls at present. */
  get concurrency(): number {
    return this.#pacer.limit
  }

  /** Calls that are under way or wait, as a share of `concurrency`. */
  get load(): number {
    return this.#pacer.load
  }

  /** How often a call is attempted if it fails temporarily. */
  get maxAttempts(): number {
    return this.#options.maxAttempts ?? defaultRetryPolicy.maxAttempts
  }

  /** Lowers the maximum number of concurrent calls. Resolves once no more than that are pending. */
  lower(maxConcurrency: number): Promise<void> {
    return this.#pacer.lower(maxConcurrency)
  }

  /** The endpoint of the trail's bucket. Rejects with `config.endpoint`. */
  trailEndpoint(): Promise<BucketEndpoint> {
    return this.#endpoint(this.#options.trail.bucket, this.#options.trail.region)
  }

  open(keys: KeySource, onRegionFound: (region: string) => void): Bucket {
    return new Bucket(this.calls(this.#options.trail, keys, onRegionFound))
  }

  /** Returns the options for hand-signed calls to any bucket with these keys. */
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

  /** Returns the options for SDK calls to any bucket with these keys. */
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
