import { hash } from 'node:crypto'
import type { CrosstrailError } from '../error.ts'
import type { SigningKeys } from './key-source.ts'
import { foreignAnswer } from './foreign-answer.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'
import type { BucketEndpoint } from './sdk.ts'
import { type CallContext, callText, faultError, isElsewhere, isExpired, readFault } from './service-error.ts'
import { emptyPayloadHash, type Signer } from './sigv4.ts'

/** One call, before it is signed and sent. */
export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT'
  /** Percent-encoded, with a leading slash; `/` for the bucket itself. */
  readonly path: string
  /** In canonical order; empty if there is none. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
}

export interface AttemptOptions {
  readonly context: CallContext
  readonly endpoint: BucketEndpoint
  readonly signer: Signer
  readonly keys: SigningKeys
  readonly nowMs: () => number
  readonly http: HttpClient
  /** True if it confirms the result of another attempt. It then needs a new connection. */
  readonly confirms: boolean
}

/** One signed attempt of a call. After a failure it says whether the keys expired or the bucket is in another region. */
export class Attempt {
  readonly #options: AttemptOptions
  expired = false
  elsewhere: string | undefined

  constructor(options: AttemptOptions) {
    this.#options = options
  }

  get region(): string {
    return this.#options.endpoint.region
  }

  signed({ method, path: keyPath, query, headers, body }: Call): HttpRequest {
    const { endpoint, signer, keys, nowMs } = this.#options
    const path = endpoint.pathPrefix + keyPath
    const toSign = {
      method,
      host: endpoint.host,
      path,
      query,
      headers,
      payloadHash: body === undefined ? emptyPayloadHash : hash('sha256', body),
    }
    const signature = signer.sign(toSign, keys, nowMs())
    return {
      origin: endpoint.origin,
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: signature.headers,
      authorization: signature.authorization,
      body,
      ...(this.#options.confirms && { needsNewConnection: true }),
    }
  }

  /** Returns undefined if the answer is from AWS or from an S3-compatible store. */
  foreign(answer: HttpAnswer): CrosstrailError | undefined {
    const { context, endpoint, http } = this.#options
    return foreignAnswer(answer, { call: callText(context), origin: endpoint.origin, http })
  }

  fault(answer: HttpAnswer): CrosstrailError {
    const foreign = this.foreign(answer)
    if (foreign !== undefined) return foreign
    const fault = readFault(answer)
    this.expired = isExpired(fault)
    if (isElsewhere(fault, this.#options.endpoint.region)) this.elsewhere = fault.bucketRegion
    return faultError(fault, this.#options.context)
  }
}
