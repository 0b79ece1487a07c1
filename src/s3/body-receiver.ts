import { CrosstrailError } from '../error.ts'
import { BoundedBody, refusalLimit } from './bounded-body.ts'
import type { HttpAnswer, HttpHeaders, HttpReceiver } from './http.ts'

/** Receives one object's body while it arrives. Each attempt uses a new receiver. */
export interface BodyReceiver<T> {
  /** Called with the answer's headers. An error that it throws ends the attempt. */
  start(headers: HttpHeaders): void
  data(chunk: Buffer): void
  /** Called with the complete body. Checks it. Throws `object.truncated`, `object.too-long` or `object.corrupt` to have it sent again. */
  finish(headers: HttpHeaders): Promise<T> | T
  /** Called if the attempt failed. Releases what was kept. */
  discard(): void
}

const firstBytes = 4_096

/** Passes an object's body on, and collects an error document, whose size is limited. */
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

  /** The start of the answer, which shows whether it is a web page instead of the object. */
  get beginning(): HttpAnswer {
    return { status: this.#status, headers: this.#headers, body: this.#first ?? Buffer.alloc(0) }
  }

  get fault(): HttpAnswer | undefined {
    if (this.#status === 200) return undefined
    return { status: this.#status, headers: this.#headers, body: this.#document.bytes() }
  }

  finish(): Promise<T> | T {
    if (this.#body === undefined)
      throw new CrosstrailError('network.broken', 'an answer ended before its headers arrived')
    return this.#body.finish(this.#headers)
  }

  discard(): void {
    this.#body?.discard()
  }
}
