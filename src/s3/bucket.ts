import { CrosstrailError } from '../error.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { ListedObject } from '../trail/log-object.ts'
import type { Trail } from '../trail/trail.ts'
import type { KeySource, SigningKeys } from './credentials.ts'
import {
  collect,
  type HttpAnswer,
  type HttpClient,
  type HttpHeaders,
  type HttpReceiver,
  type HttpRequest,
  joinChunks,
} from './http-client.ts'
import { type ListPage, parseListPage } from './list-page.ts'
import type { Pacer } from './pacer.ts'
import { defaultRetryPolicy, type RetryPolicy, retrying } from './retry.ts'
import type { BucketEndpoint } from './sdk.ts'
import {
  type CallContext,
  faultError,
  isElsewhere,
  isErrorDocument,
  isExpired,
  paceOf,
  readFault,
} from './service-error.ts'
import { emptyPayloadHash, Signer } from './sigv4.ts'
import { canonicalQuery, encodeKey } from './uri.ts'

export interface ListRequest {
  readonly prefix: string
  /** Exclusive lower bound, a full key: where the listing starts, or the last key of the page before. */
  readonly startAfter?: string | undefined
  /** Of the page before. */
  readonly token?: string | undefined
  readonly delimiter?: '/' | undefined
}

/** Takes one object's body as it comes; a new one for each attempt. */
export interface BodyReceiver<T> {
  /** The answer's headers have come. A throw ends the attempt. */
  start(headers: HttpHeaders): void
  data(chunk: Buffer): void
  /** The body is complete. Checks it, and throws `object.truncated`, `object.too-long` or `object.corrupt` to have it sent again. */
  finish(headers: HttpHeaders): Promise<T> | T
  /** The attempt failed: let go of what was kept. */
  discard(): void
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
    const page = await this.#retrying(context, signal, async (attempt) => {
      const answer = await collect(this.#options.http, attempt.signed('/', query, headers), signal)
      if (answer.status !== 200) throw attempt.fault(answer)
      const xml = answer.body.toString('utf8')
      if (isErrorDocument(xml)) throw attempt.fault(answer)
      return parseListPage(xml)
    })
    const first = page.objects[0]
    const goesBack =
      first !== undefined && request.startAfter !== undefined && compareKeys(first.key, request.startAfter) <= 0
    if (goesBack || (page.nextToken !== undefined && page.nextToken === request.token)) throw loops(context)
    return page
  }

  /**
   * Gets an object whole. `receive` is called once per attempt. Throws CrosstrailError: `object.…`, `access.object-denied`,
   * `access.kms-denied`, `network.…`, once its retries are used up.
   */
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T> {
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

/** One signed sending of a call, and what its failure meant. */
class Attempt {
  readonly #context: CallContext
  readonly #endpoint: BucketEndpoint
  readonly #signer: Signer
  readonly #keys: SigningKeys
  readonly #headers: Record<string, string>
  readonly #nowMs: () => number
  expired = false
  elsewhere: string | undefined

  constructor(
    context: CallContext,
    endpoint: BucketEndpoint,
    signer: Signer,
    keys: SigningKeys,
    headers: Record<string, string>,
    nowMs: () => number,
  ) {
    this.#context = context
    this.#endpoint = endpoint
    this.#signer = signer
    this.#keys = keys
    this.#headers = headers
    this.#nowMs = nowMs
  }

  signed(keyPath: string, query: string, headers: Record<string, string>): HttpRequest {
    const { origin, host, pathPrefix } = this.#endpoint
    const path = pathPrefix + keyPath
    const toSign = {
      method: 'GET',
      host,
      path,
      query,
      headers: { ...this.#headers, ...headers },
      payloadHash: emptyPayloadHash,
    }
    return {
      origin,
      method: 'GET',
      path: query === '' ? path : `${path}?${query}`,
      headers: this.#signer.sign(toSign, this.#keys, this.#nowMs()),
    }
  }

  fault(answer: HttpAnswer): CrosstrailError {
    const fault = readFault(answer)
    this.expired = isExpired(fault)
    if (isElsewhere(fault, this.#endpoint.region)) this.elsewhere = fault.bucketRegion
    return faultError(fault, this.#context)
  }
}

/** Sorts an object's body from an error document, which is kept up to a bound. */
class ObjectReceiver<T> implements HttpReceiver {
  readonly #receive: () => BodyReceiver<T>
  #body: BodyReceiver<T> | undefined
  #status = 0
  #headers: HttpHeaders = {}
  readonly #document: Buffer[] = []

  constructor(receive: () => BodyReceiver<T>) {
    this.#receive = receive
  }

  start(status: number, headers: HttpHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status !== 200) return
    this.#body = this.#receive()
    this.#body.start(headers)
  }

  data(chunk: Buffer): void {
    if (this.#body !== undefined) this.#body.data(chunk)
    else if (this.#document.length < 16) this.#document.push(chunk)
  }

  get fault(): HttpAnswer | undefined {
    if (this.#status === 200) return undefined
    return { status: this.#status, headers: this.#headers, body: joinChunks(this.#document) }
  }

  async finish(): Promise<T> {
    if (this.#body === undefined) throw new CrosstrailError('network.broken', 'an answer ended before it began')
    return this.#body.finish(this.#headers)
  }

  discard(): void {
    this.#body?.discard()
  }
}

function loops(context: CallContext): CrosstrailError {
  return new CrosstrailError(
    'bucket.listing-loops',
    `the listing of ${context.target} does not move on: the server repeats itself`,
    {
      hint: 'the endpoint is no faithful S3: its listings cannot be trusted to be complete',
    },
  )
}
