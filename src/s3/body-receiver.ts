import { CrosstrailError } from '../error.ts'
import { BoundedBody, refusalLimit } from './bounded-body.ts'
import type { HttpAnswer, HttpHeaders, HttpReceiver } from './http.ts'

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

const firstBytes = 4_096

/** Sorts an object's body from an error document, which has a bound. */
export class ObjectReceiver<T> implements HttpReceiver {
  readonly #receive: () => BodyReceiver<T>
  #body: BodyReceiver<T> | undefined
  #status = 0
  #headers: HttpHeaders = {}
  #first: Buffer | undefined
  readonly #document = new BoundedBody(refusalLimit, () => `GetObject, a refusal with ${this.#status}`)

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
    this.#first ??= chunk.subarray(0, firstBytes)
    if (this.#body !== undefined) this.#body.data(chunk)
    else this.#document.add(chunk)
  }

  /** The start of the answer, which shows whether it is a web page in place of the object. */
  get beginning(): HttpAnswer {
    return { status: this.#status, headers: this.#headers, body: this.#first ?? Buffer.alloc(0) }
  }

  get fault(): HttpAnswer | undefined {
    if (this.#status === 200) return undefined
    return { status: this.#status, headers: this.#headers, body: this.#document.bytes() }
  }

  finish(): Promise<T> | T {
    if (this.#body === undefined) throw new CrosstrailError('network.broken', 'an answer ended before it began')
    return this.#body.finish(this.#headers)
  }

  discard(): void {
    this.#body?.discard()
  }
}
