import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { BoundedBody, refusalLimit } from './bounded-body.ts'
import { type HttpAnswer, type HttpHeaders, type HttpReceiver, header, joinChunks } from './http.ts'

/** A range of an object's bytes. Both ends are included. */
export interface ByteRange {
  readonly start: number
  readonly endInclusive: number
}

/** Collects one range of an object. Rejects an answer with another range or with too many bytes. */
export class RangeReceiver implements HttpReceiver {
  readonly #key: string
  readonly #range: ByteRange
  #status = 0
  #headers: HttpHeaders = {}
  #sizeBytes = 0
  readonly #chunks: Buffer[] = []
  readonly #document = new BoundedBody(refusalLimit, () => `GetObject, a refusal with ${this.#status}`)

  constructor(key: string, range: ByteRange) {
    this.#key = key
    this.#range = range
  }

  start(status: number, headers: HttpHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status < 200 || status >= 300) return
    const { start, endInclusive } = this.#range
    const given = header(headers, 'content-range')
    if (status !== 206 || given?.startsWith(`bytes ${start}-${endInclusive}/`) !== true) {
      const message = `bytes ${start} to ${endInclusive} of ${this.#key} were requested, but the answer was ${status} ${given === undefined ? 'without a range' : maskedForeignText(given)}`
      throw new CrosstrailError('object.range-ignored', message, {
        hint: 'the object is shorter than its listed size, or the endpoint does not support ranges',
      })
    }
  }

  data(chunk: Buffer): void {
    if (this.#status !== 206) return this.#document.add(chunk)
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > this.#wantedBytes) throw this.#wrongSize('object.too-long')
    this.#chunks.push(chunk)
  }

  get fault(): HttpAnswer | undefined {
    if (this.#status === 206) return undefined
    return { status: this.#status, headers: this.#headers, body: this.#document.bytes() }
  }

  /** Throws `object.truncated`. */
  finish(): { readonly bytes: Buffer; readonly headers: HttpHeaders } {
    if (this.#sizeBytes !== this.#wantedBytes) throw this.#wrongSize('object.truncated')
    return { bytes: joinChunks(this.#chunks), headers: this.#headers }
  }

  get #wantedBytes(): number {
    return this.#range.endInclusive - this.#range.start + 1
  }

  #wrongSize(code: 'object.too-long' | 'object.truncated'): CrosstrailError {
    return new CrosstrailError(code, `${this.#key} arrived with ${this.#sizeBytes} of ${this.#wantedBytes} bytes`)
  }
}
