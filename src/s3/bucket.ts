import { CrosstrailError } from '../error.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { ListedObject } from '../trail/log-object.ts'
import type { Trail } from '../trail/trail.ts'
import { Attempt } from './attempt.ts'
import { type BodyReceiver, ObjectReceiver } from './body-receiver.ts'
import type { KeySource } from './credentials.ts'
import { collect, type HttpClient } from './http-client.ts'
import { type ListPage, parseListPage } from './list-page.ts'
import type { Pacer } from './pacer.ts'
import { defaultRetryPolicy, type RetryPolicy, retrying } from './retry.ts'
import type { BucketEndpoint } from './sdk.ts'
import { type CallContext, goneError, isErrorDocument, paceOf } from './service-error.ts'
import { Signer } from './sigv4.ts'
import { canonicalQuery, encodeKey } from './uri.ts'

export interface ListRequest {
  readonly prefix: string
  /** Exclusive lower bound, a full key: where the listing starts, or the last key of the page before. */
  readonly startAfter?: string | undefined
  /** Of the page before. */
  readonly token?: string | undefined
  readonly delimiter?: '/' | undefined
}

export interface BucketOptions {
  readonly trail: Pick<Trail, 'bucket' | 'owner' | 'region'> & { readonly requesterPays: boolean }
  readonly keys: KeySource
  readonly http: HttpClient
  readonly pacer: Pacer
  readonly retry?: RetryPolicy | undefined
  readonly resolveEndpoint: (bucket: string, region: string) => Promise<BucketEndpoint>
  /** A redirect was followed. Told once. */
  readonly onRegionFound?: ((region: string) => void) | undefined
  readonly nowMs?: () => number
}

const maxRenewals = 3

/** Account A's bucket, through one account's session. Every request is signed and names the expected bucket owner. */
export class Bucket {
  readonly #options: BucketOptions
  readonly #commonHeaders: Record<string, string>
  readonly #nowMs: () => number
  #place: Promise<{ endpoint: BucketEndpoint; signer: Signer }> | undefined

  constructor(options: BucketOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
    this.#commonHeaders = {
      'x-amz-expected-bucket-owner': options.trail.owner,
      ...(options.trail.requesterPays && { 'x-amz-request-payer': 'requester' }),
    }
  }

  /**
   * One page of a listing. Throws CrosstrailError: `bucket.…`, `access.list-denied`, `network.…`, once its retries are used up;
   * `bucket.listing-loops` where the server repeats a token or goes back.
   */
  async listPage(request: ListRequest, signal?: AbortSignal): Promise<ListPage> {
    const query = canonicalQuery({
      'list-type': '2',
      prefix: request.prefix,
      delimiter: request.delimiter,
      'start-after': request.token === undefined ? request.startAfter : undefined,
      'continuation-token': request.token,
      'encoding-type': 'url',
    })
    const context = this.#context('ListObjectsV2', request.prefix)
    const headers = { 'x-amz-optional-object-attributes': 'RestoreStatus' }
    return this.#retrying(context, signal, async (attempt) => {
      const answer = await collect(this.#options.http, attempt.signed('/', query, headers), signal)
      if (answer.status !== 200) throw attempt.fault(answer)
      const xml = answer.body.toString('utf8')
      if (isErrorDocument(xml)) throw attempt.fault(answer)
      const page = parseListPage(xml)
      if (standsStill(page, request)) throw standsStillError(request.prefix)
      return page
    })
  }

  /**
   * Gets an object whole. `receive` is called once per attempt. Throws CrosstrailError: `object.…`, `access.object-denied`,
   * `access.kms-denied`, `network.…`, once its retries are used up.
   */
  async get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await this.#get(object, receive, signal)
    } catch (error) {
      if (!isObjectDenied(error) || (await this.#isListed(object.key, signal))) throw error
      throw goneError(object.key, error)
    }
  }

  #get<T>(
    object: Pick<ListedObject, 'key'>,
    receive: () => BodyReceiver<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const path = `/${encodeKey(object.key)}`
    const context = this.#context('GetObject', object.key)
    return this.#retrying(context, signal, async (attempt) => {
      const receiver = new ObjectReceiver(receive)
      try {
        await this.#options.http.exchange(attempt.signed(path, '', checksumHeaders), receiver)
        if (receiver.fault !== undefined) throw attempt.fault(receiver.fault)
        return await receiver.finish()
      } catch (error) {
        receiver.discard()
        throw error
      }
    })
  }

  /** S3 answers 403 for a key that is gone to whoever may list only by prefix, as a narrowed session does. */
  async #isListed(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { objects } = await this.listPage({ prefix: key }, signal)
    return objects.some((object) => object.key === key)
  }

  #context(operation: CallContext['operation'], target: string): CallContext {
    return { operation, bucket: this.#options.trail.bucket, owner: this.#options.trail.owner, target }
  }

  /** The one retry loop: passing faults wait and come again, an expired session is renewed, another region is followed once. */
  #retrying<T>(
    context: CallContext,
    signal: AbortSignal | undefined,
    send: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    let renewals = 0
    const once = async (): Promise<T> => {
      const { endpoint, signer } = await (this.#place ??= this.#locate(this.#options.trail.region))
      const keys = await this.#options.keys.current()
      const attempt = new Attempt(context, endpoint, signer, keys, this.#commonHeaders, this.#nowMs)
      try {
        return await this.#options.pacer.run(() => send(attempt), paceOf)
      } catch (error) {
        if (attempt.expired && renewals < maxRenewals) {
          renewals++
          await this.#options.keys.renew(keys)
          return once()
        }
        if (attempt.elsewhere !== undefined && endpoint.region === this.#options.trail.region) {
          await this.#move(attempt.elsewhere)
          return once()
        }
        throw error
      }
    }
    return retrying(once, this.#options.retry ?? defaultRetryPolicy, signal)
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

/** S3 sends the checksum it keeps only when it is asked for. */
const checksumHeaders = { 'x-amz-checksum-mode': 'ENABLED' }

function isObjectDenied(error: unknown): boolean {
  return error instanceof CrosstrailError && error.code === 'access.object-denied'
}

function standsStill(page: ListPage, { startAfter, token }: ListRequest): boolean {
  const first = page.objects[0]
  const goesBack = first !== undefined && startAfter !== undefined && compareKeys(first.key, startAfter) <= 0
  return goesBack || (page.nextToken !== undefined && page.nextToken === token)
}

function standsStillError(prefix: string): CrosstrailError {
  return new CrosstrailError(
    'bucket.listing-loops',
    `the listing of ${prefix} does not move on: the server repeats itself`,
    {
      hint: 'the endpoint is no faithful S3: its listings cannot be trusted to be complete',
    },
  )
}
