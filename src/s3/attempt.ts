import { hash } from 'node:crypto'
import type { CrosstrailError } from '../error.ts'
import type { SigningKeys } from './key-source.ts'
import { foreignAnswer } from './foreign-answer.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'
import type { BucketEndpoint } from './sdk.ts'
import { type CallContext, callText, faultError, isElsewhere, isExpired, readFault } from './service-error.ts'
import { emptyPayloadHash, type Signer } from './sigv4.ts'

/** One call as it is to be signed and sent. */
export interface Call {
  readonly method: 'GET' | 'PUT'
  /** Encoded, with a slash first; `/` for the bucket itself. */
  readonly path: string
  /** In canonical order; empty for none. */
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
  /** Whether it confirms what another attempt found: it must not follow others on a connection. */
  readonly confirms: boolean
}

/** One signed sending of a call, and what its failure meant. */
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

  /** Undefined for an answer of AWS or of a store. */
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
