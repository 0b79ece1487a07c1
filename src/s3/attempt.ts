import type { CrosstrailError } from '../error.ts'
import type { SigningKeys } from './credentials.ts'
import type { HttpAnswer, HttpRequest } from './http-client.ts'
import type { BucketEndpoint } from './sdk.ts'
import { type CallContext, faultError, isElsewhere, isExpired, readFault } from './service-error.ts'
import { emptyPayloadHash, type Signer } from './sigv4.ts'

/** One signed sending of a call, and what its failure meant. */
export class Attempt {
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
