import type { HttpHeaders, HttpReceiver } from './http.ts'
import { addHeader, MalformedAnswer, noHeaders, notHttp, parseHead } from './http-head.ts'

/** The limit for a head, for a line between two chunks, and for all trailers together. S3's heads have a few hundred bytes, plus up to 2 KB of metadata. */
const maxHeadBytes = 32_768

/** The limit for interim answers such as 100 Continue. S3 sends at most one. */
const maxInformational = 16

/** A body with a Content-Length up to this is handed over in one piece. A page of a listing has half of it. */
const maxWholeBytes = 1_048_576

const endOfHead = Buffer.from('\r\n\r\n')
const endOfLine = Buffer.from('\r\n')

type Phase = 'head' | 'sized' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close' | 'complete'

/**
 * Reads one HTTP/1.1 answer (RFC 9112) from the bytes of a connection, in pieces of any size, and passes it to a receiver. It keeps no bytes
 * of the buffers. It is strict if leniency could confuse two answers. Throws MalformedAnswer, and what the receiver throws.
 */
export class AnswerReader {
  readonly #receiver: HttpReceiver
  readonly #hasBody: boolean
  #phase: Phase = 'head'
  /** The start of a head or a line whose end has not arrived. */
  #begun = ''
  /** The remaining bytes of the body or of the chunk. */
  #left = 0
  /** A body that is handed over in one piece. `#wholeBytes` of it have arrived. */
  #whole: Buffer | undefined
  #wholeBytes = 0
  #bodyBytes = 0
  #trailerBytes = 0
  #informational = 0
  #keepAlive = true
  #hasMore = false
  #idleSeconds: number | undefined

  /** `hasBody` is false for the answer to a HEAD request. */
  constructor(receiver: HttpReceiver, hasBody: boolean) {
    this.#receiver = receiver
    this.#hasBody = hasBody
  }

  get isComplete(): boolean {
    return this.#phase === 'complete'
  }

  get hasBegun(): boolean {
    return this.#phase !== 'head' || this.#begun !== ''
  }

  /** The bytes of the body so far, without its framing. */
  get bodyBytes(): number {
    return this.#bodyBytes
  }

  /** Whether the connection can carry another request. */
  get keepAlive(): boolean {
    return this.#keepAlive
  }

  /** Whether bytes followed the end of the answer. */
  get hasMore(): boolean {
    return this.#hasMore
  }

  /** How long the server says that it keeps an idle connection open. */
  get idleSeconds(): number | undefined {
    return this.#idleSeconds
  }

  /** Reads `bytes` up to `to`. If bytes follow the end of the answer, they belong to no request, and the connection cannot be reused. */
  read(bytes: Buffer, to: number): void {
    let at = 0
    while (at < to && this.#phase !== 'complete') at = this.#step(bytes, at, to)
    if (at === to) return
    this.#hasMore = true
    this.#keepAlive = false
  }

  /** Called when the connection has ended. Returns true if that completes the answer. */
  end(): boolean {
    if (this.#phase === 'until-close') this.#complete()
    return this.isComplete
  }

  #step(bytes: Buffer, at: number, to: number): number {
    if (this.#phase === 'head') return this.#readHead(bytes, at, to)
    if (this.#phase === 'sized' || this.#phase === 'chunk') return this.#readBody(bytes, at, to)
    if (this.#phase !== 'until-close') return this.#readLine(bytes, at, to)
    this.#bodyBytes += to - at
    this.#receiver.data(Buffer.from(bytes.subarray(at, to)))
    return to
  }

  #readHead(bytes: Buffer, at: number, to: number): number {
    const next = this.#readText(bytes, at, to, endOfHead, (text) => this.#head(text))
    // A server with another protocol sends a greeting and then waits for a reply.
    if (!startsAlike(this.#begun, 'HTTP/1.')) throw new MalformedAnswer(notHttp)
    return next
  }

  #readLine(bytes: Buffer, at: number, to: number): number {
    return this.#readText(bytes, at, to, endOfLine, (line) => this.#line(line))
  }

  #readText(bytes: Buffer, at: number, to: number, terminator: Buffer, take: (text: string) => void): number {
    const begun = this.#begun
    // The fast path: nearly always the whole text is in this buffer, and the rest of it need not be converted.
    const found = begun === '' ? bytes.indexOf(terminator, at) : -1
    const isThere = found !== -1 && found + terminator.length <= to
    const text = begun + bytes.toString('latin1', at, isThere ? found : to)
    const length = isThere ? text.length : text.indexOf(terminator.toString())
    if ((length === -1 ? text.length - terminator.length : length) > maxHeadBytes) {
      throw this.#phase === 'head'
        ? new MalformedAnswer(`a head of more than ${maxHeadBytes} bytes`, 'endless-head')
        : new MalformedAnswer(`a line of more than ${maxHeadBytes} bytes`, 'endless-trailers')
    }
    this.#begun = length === -1 ? text : ''
    if (length === -1) return to
    take(text.slice(0, length))
    return at + length + terminator.length - begun.length
  }

  #head(text: string): void {
    const { status, version, headers } = parseHead(text)
    if (status < 200) {
      if (status === 101) throw new MalformedAnswer('the server switched the protocol')
      if (++this.#informational > maxInformational) {
        const message = `more than ${maxInformational} informational (1xx) answers`
        throw new MalformedAnswer(message, 'endless-informational')
      }
      return
    }
    const connection = String(headers['connection'] ?? '')
    const isKept = version === 1 || (/\bkeep-alive\b/i.test(connection) && headers['transfer-encoding'] === undefined)
    this.#keepAlive = isKept && !/\bclose\b/i.test(connection)
    this.#idleSeconds = idleTimeout(headers['keep-alive'])
    this.#frame(status, headers)
    this.#receiver.start(status, headers)
    if (this.#phase === 'sized' && this.#left === 0) this.#complete()
  }

  /** Sets the length of the body: RFC 9112, section 6.3. */
  #frame(status: number, headers: HttpHeaders): void {
    const coding = headers['transfer-encoding']
    const length = contentLength(headers['content-length'])
    this.#phase = 'sized'
    if (!this.#hasBody || status === 204 || status === 304) return
    if (coding !== undefined) {
      if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked' || length !== undefined) {
        throw new MalformedAnswer('a body with an unknown transfer coding')
      }
      this.#phase = 'chunk-size'
    } else if (length === undefined) {
      this.#phase = 'until-close'
      this.#keepAlive = false
    } else {
      this.#expect(length)
    }
  }

  #expect(length: number): void {
    this.#left = length
    if (length > 0 && length <= maxWholeBytes) {
      this.#whole = Buffer.allocUnsafe(length)
      this.#wholeBytes = 0
    }
  }

  #readBody(bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#left)
    this.#left -= end - at
    this.#bodyBytes += end - at
    if (this.#whole === undefined) {
      this.#receiver.data(Buffer.from(bytes.subarray(at, end)))
    } else {
      this.#wholeBytes += bytes.copy(this.#whole, this.#wholeBytes, at, end)
    }
    if (this.#left === 0) this.#bodyEnds()
    return end
  }

  #bodyEnds(): void {
    const whole = this.#whole
    this.#whole = undefined
    if (whole !== undefined) this.#receiver.data(whole)
    if (this.#phase === 'chunk') this.#phase = 'chunk-end'
    else this.#complete()
  }

  #line(line: string): void {
    if (this.#phase === 'chunk-size') {
      this.#expect(chunkSize(line))
      this.#phase = this.#left === 0 ? 'trailer' : 'chunk'
    } else if (this.#phase === 'chunk-end') {
      if (line !== '') throw new MalformedAnswer('a chunk whose length differs from the announced one')
      this.#phase = 'chunk-size'
    } else if (line === '') {
      this.#complete()
    } else {
      this.#trailerBytes += line.length
      if (this.#trailerBytes > maxHeadBytes) {
        throw new MalformedAnswer(`trailers of more than ${maxHeadBytes} bytes`, 'endless-trailers')
      }
      addHeader(noHeaders(), line)
    }
  }

  #complete(): void {
    this.#phase = 'complete'
  }
}

function startsAlike(one: string, other: string): boolean {
  return one.length < other.length ? other.startsWith(one) : one.startsWith(other)
}

const isLength = /^\d{1,15}$/

function contentLength(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && isLength.test(value)) return Number(value)
  // A repeated length counts once if all of them are equal.
  const [first, ...others] = String(value).split(/ *, */)
  if (first === undefined || !isLength.test(first) || others.some((other) => other !== first)) {
    throw new MalformedAnswer('a body of unknown length')
  }
  return Number(first)
}

function chunkSize(line: string): number {
  const digits = /^([0-9a-f]{1,12})[\t ]*(?:;.*)?$/i.exec(line)?.[1]
  if (digits === undefined) throw new MalformedAnswer('a chunk of unknown length')
  return Number.parseInt(digits, 16)
}

function idleTimeout(value: string | string[] | undefined): number | undefined {
  const seconds = value === undefined ? undefined : /(?:^|[\s,])timeout=(\d{1,6})/i.exec(String(value))?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
