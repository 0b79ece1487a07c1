import { CrosstrailError, hasCode } from '../error.ts'
import type { ListedObject } from '../trail/log-object.ts'
import { answeredAt } from './answered-at.ts'
import { demandAskedPage } from './asked-page.ts'
import { type BodyReceiver, ObjectReceiver } from './body-receiver.ts'
import { Calls, type CallsOptions } from './calls.ts'
import { EmptyPages, type EmptyPagesLimit } from './empty-pages.ts'
import { collect } from './collect.ts'
import { type FoundObject, headFacts } from './head-facts.ts'
import type { AnswerConnection, HttpAnswer, HttpHeaders } from './http.ts'
import { type ListPage, parseListPage } from './list-page.ts'
import { pageText } from './page-text.ts'
import { type ByteRange, RangeReceiver } from './range-receiver.ts'
import { isWrongBody } from './retry.ts'
import { goneError, isErrorDocument } from './service-error.ts'
import { canonicalQuery, encodeKey } from './uri.ts'

export interface ListRequest {
  readonly prefix: string
  /** Exclusive lower bound, a full key: where the listing starts, or the last key (or folder) of the previous page. */
  readonly startAfter?: string | undefined
  /** The token of the previous page. */
  readonly token?: string | undefined
  readonly delimiter?: '/' | undefined
}

/** Account A's bucket, read through one account's session. */
export class Bucket {
  readonly #calls: Calls
  readonly #name: string
  readonly #nowMs: () => number
  readonly #emptyPages: EmptyPagesLimit | undefined
  /** True once an existing object was denied. Further denials then need no listing to explain them. */
  #denied = false

  constructor(options: CallsOptions) {
    this.#calls = new Calls(options)
    this.#name = options.trail.bucket
    this.#nowMs = options.nowMs ?? Date.now
    this.#emptyPages = options.emptyPages
  }

  /**
   * Returns one page of a listing. Skips empty pages unless they are the last. Throws CrosstrailError: `bucket.…`, `access.list-denied`,
   * `network.…` after its retries; `bucket.wrong-page` if the server sends a page of another listing, `bucket.listing-loops` if it
   * repeats itself, `bucket.endless-listing` if it sends empty pages without end.
   */
  async listPage(request: ListRequest, signal?: AbortSignal): Promise<ListPage> {
    let page = await this.#page(request, signal)
    if (!leadsOn(page)) return page
    const empty = new EmptyPages(request.prefix, this.#emptyPages)
    do {
      empty.count()
      page = await this.#page({ ...request, token: page.nextToken }, signal)
    } while (leadsOn(page))
    return page
  }

  /**
   * Returns the facts that a listing has of one key, or undefined if the bucket does not have it. Costs one HEAD, and a listing if the answer does not
   * say it all: a HEAD has no document that explains a refusal. Throws CrosstrailError as `listPage`.
   */
  async find(key: string, signal?: AbortSignal): Promise<FoundObject | undefined> {
    const found = await this.#calls.send('HeadObject', key, signal, async (attempt) => {
      const call = attempt.signed({ method: 'HEAD', path: `/${encodeKey(key)}`, query: '', headers: {} })
      const answer = await collect(this.#calls.http, call, signal)
      if (answer.status >= 500 || answer.status === 429) throw attempt.fault(answer)
      const foreign = attempt.foreign(answer)
      if (foreign !== undefined) throw foreign
      return headFacts(key, answer, this.#nowMs())
    })
    if (found !== undefined) return found
    const { objects, answeredAtMs } = await this.listPage({ prefix: key }, signal)
    const object = objects.find((each) => each.key === key)
    return object === undefined ? undefined : { object, answeredAtMs }
  }

  #page(request: ListRequest, signal: AbortSignal | undefined): Promise<ListPage> {
    const query = canonicalQuery({
      'list-type': '2',
      prefix: request.prefix,
      delimiter: request.delimiter,
      'start-after': request.token === undefined ? request.startAfter : undefined,
      'continuation-token': request.token,
      'encoding-type': 'url',
    })
    return this.#calls.send('ListObjectsV2', request.prefix, signal, async (attempt) => {
      let page: ListPage | undefined
      const call = attempt.signed({ method: 'GET', path: '/', query, headers: restoreHeaders })
      const check = (answer: HttpAnswer): void => {
        const foreign = answer.status === 200 ? attempt.foreign(answer) : undefined
        if (foreign !== undefined) throw foreign
        page = this.#readPage(answer, request)
      }
      const answer = await collect(this.#calls.http, call, signal, { check })
      if (page === undefined) throw attempt.fault(answer)
      return page
    })
  }

  /** Returns undefined if the answer is an error. */
  #readPage({ status, headers, body }: HttpAnswer, request: ListRequest): ListPage | undefined {
    if (status !== 200) return undefined
    const text = pageText(body)
    if (isErrorDocument(text[0] ?? '')) return undefined
    const page = parseListPage(...text)
    demandAskedPage(page, { ...request, bucket: this.#name })
    const { objects, commonPrefixes, nextToken } = page
    return { objects, commonPrefixes, nextToken, answeredAtMs: answeredAt(headers, this.#nowMs()) }
  }

  /**
   * Gets a whole object. `receive` is called once per attempt. If it finds a body wrong, the connection is closed. Throws CrosstrailError:
   * `object.…`, `access.object-denied`, `access.kms-denied`, `network.…` after its retries.
   */
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T> {
    return this.#tellingGone(object.key, this.#get(object.key, receive, signal), signal)
  }

  /**
   * Gets a part of an object into memory, if the object is still the listed one. Throws CrosstrailError: `object.changed`,
   * `object.range-ignored`, `object.gone`, `object.archived`, `access.…`, `network.…` after its retries.
   */
  getRange(
    key: string,
    { start, endInclusive, etag }: ByteRange & { readonly etag: string },
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: Buffer; readonly headers: HttpHeaders; readonly connection: AnswerConnection }> {
    const headers = { range: `bytes=${start}-${endInclusive}`, ...(etag !== '' && { 'if-match': `"${etag}"` }) }
    const call = { method: 'GET', path: `/${encodeKey(key)}`, query: '', headers } as const
    const got = this.#calls.send('GetObject', key, signal, async (attempt) => {
      const receiver = new RangeReceiver(key, { start, endInclusive })
      const connection = await this.#calls.http.exchange(attempt.signed(call), receiver, signal)
      if (receiver.fault !== undefined) throw attempt.fault(receiver.fault)
      try {
        return { ...receiver.finish(), connection }
      } catch (error) {
        if (isWrongBody(error)) connection.distrust()
        throw error
      }
    })
    return this.#tellingGone(key, got, signal)
  }

  #get<T>(key: string, receive: () => BodyReceiver<T>, signal: AbortSignal | undefined): Promise<T> {
    const call = { method: 'GET', path: `/${encodeKey(key)}`, query: '', headers: checksumHeaders } as const
    return this.#calls.send('GetObject', key, signal, async (attempt) => {
      const receiver = new ObjectReceiver(receive)
      let connection: AnswerConnection | undefined
      try {
        connection = await this.#calls.http.exchange(attempt.signed(call), receiver)
        if (receiver.fault !== undefined) throw attempt.fault(receiver.fault)
        return await receiver.finish()
      } catch (error) {
        receiver.discard()
        if (!isWrongBody(error)) throw error
        connection?.distrust()
        throw attempt.foreign(receiver.beginning) ?? error
      }
    })
  }

  #tellingGone<T>(key: string, got: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return got.catch(async (error: unknown) => {
      if (!hasCode(error, 'access.object-denied') || this.#denied || (await this.#isListed(key, signal))) throw error
      throw goneError(key, error)
    })
  }

  /** If a caller may list only by prefix, as in a narrowed session, S3 answers 403 for a key that no longer exists. */
  async #isListed(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    const page = await this.listPage({ prefix: key }, signal).catch((error: unknown) => {
      if (error instanceof CrosstrailError) return undefined
      throw error
    })
    this.#denied = page === undefined || page.objects.some((object) => object.key === key)
    return this.#denied
  }
}

/** Returns whether a page is empty and not the last. */
function leadsOn({ objects, commonPrefixes, nextToken }: ListPage): boolean {
  return nextToken !== undefined && objects.length === 0 && commonPrefixes.length === 0
}

/** S3 says only on request whether an archived object can be read at present. */
const restoreHeaders = { 'x-amz-optional-object-attributes': 'RestoreStatus' }

/** S3 sends the stored checksum only on request. */
const checksumHeaders = { 'x-amz-checksum-mode': 'ENABLED' }
