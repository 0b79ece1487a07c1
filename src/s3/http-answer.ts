import { ownText } from '../trail/own-text.ts'
import type { HttpHeaders, HttpReceiver } from './http.ts'

/** What a server sent is no HTTP/1.1. */
export class MalformedAnswer extends Error {
  readonly code = 'malformed-answer'
}

/** Of a head, and of a line between two chunks or after them. S3's are a few hundred bytes; metadata may add 2 KB. */
const maxHeadBytes = 32_768

/** A body that is announced to be at most this long is handed over in one piece. A page of a listing is half of it. */
const maxWholeBytes = 1_048_576

const endOfHead = Buffer.from('\r\n\r\n')
const endOfLine = Buffer.from('\r\n')

type Phase = 'head' | 'sized' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close' | 'complete'

/**
 * Reads one HTTP/1.1 answer (RFC 9112) from a connection's bytes, however they are cut, and hands it to a receiver. Keeps none of the bytes it is
 * shown. Strict where leniency would let two answers be mistaken for one: throws MalformedAnswer, and what the receiver throws.
 */
export class AnswerReader {
  readonly #receiver: HttpReceiver
  readonly #hasBody: boolean
  #phase: Phase = 'head'
  /** A head or a line of which the end has not come. */
  #begun = ''
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0
  /** A body that is handed over in one piece, and how much of it is there. */
  #whole: Buffer | undefined
  #wholeBytes = 0
  #keepAlive = true
  #idleSeconds: number | undefined

  /** `hasBody` is false for the answer to a HEAD. */
  constructor(receiver: HttpReceiver, hasBody: boolean) {
    this.#receiver = receiver
    this.#hasBody = hasBody
  }

  get isComplete(): boolean {
    return this.#phase === 'complete'
  }

  /** Whether anything of the answer has come. */
  get hasBegun(): boolean {
    return this.#phase !== 'head' || this.#begun !== ''
  }

  /** Whether another request may follow on this connection. */
  get keepAlive(): boolean {
    return this.#keepAlive
  }

  /** How long the server says that it keeps an idle connection. */
  get idleSeconds(): number | undefined {
    return this.#idleSeconds
  }

  /** Reads `bytes` up to `to`. What follows the answer's end is nobody's: the connection is good for nothing more. */
  read(bytes: Buffer, to: number): void {
    let at = 0
    while (at < to && this.#phase !== 'complete') at = this.#step(bytes, at, to)
    if (at < to) this.#keepAlive = false
  }

  /** The connection has ended. True where that completes the answer. */
  end(): boolean {
    if (this.#phase === 'until-close') this.#complete()
    return this.isComplete
  }

  #step(bytes: Buffer, at: number, to: number): number {
    if (this.#phase === 'head') return this.#readHead(bytes, at, to)
    if (this.#phase === 'sized' || this.#phase === 'chunk') return this.#readBody(bytes, at, to)
    if (this.#phase !== 'until-close') return this.#readLine(bytes, at, to)
    this.#receiver.data(Buffer.from(bytes.subarray(at, to)))
    return to
  }

  #readHead(bytes: Buffer, at: number, to: number): number {
    const next = this.#readText(bytes, at, to, endOfHead, (text) => this.#head(text))
    // A server that greets in another language waits for an answer to that.
    if (!startsAlike(this.#begun, 'HTTP/1.')) throw new MalformedAnswer(notHttp)
    return next
  }

  #readLine(bytes: Buffer, at: number, to: number): number {
    return this.#readText(bytes, at, to, endOfLine, (line) => this.#line(line))
  }

  #readText(bytes: Buffer, at: number, to: number, terminator: Buffer, take: (text: string) => void): number {
    const begun = this.#begun
    // Nearly always all of it is there, and what is behind it need not be looked at.
    const found = begun === '' ? bytes.indexOf(terminator, at) : -1
    const isThere = found !== -1 && found + terminator.length <= to
    const text = begun + bytes.toString('latin1', at, isThere ? found : to)
    const length = isThere ? text.length : text.indexOf(terminator.toString())
    if ((length === -1 ? text.length - terminator.length : length) > maxHeadBytes) {
      throw new MalformedAnswer('a head without end')
    }
    this.#begun = length === -1 ? text : ''
    if (length === -1) return to
    take(text.slice(0, length))
    return at + length + terminator.length - begun.length
  }

  #head(text: string): void {
    const { status, version, headers } = parseHead(text)
    if (status < 200) {
      if (status === 101) throw new MalformedAnswer('the server changes the protocol')
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

  /** How long the body is: RFC 9112, section 6.3. */
  #frame(status: number, headers: HttpHeaders): void {
    const coding = headers['transfer-encoding']
    const length = contentLength(headers['content-length'])
    this.#phase = 'sized'
    if (!this.#hasBody || status === 204 || status === 304) return
    if (coding !== undefined) {
      if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked' || length !== undefined) {
        throw new MalformedAnswer('a body of unknown coding')
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
      if (line !== '') throw new MalformedAnswer('a chunk of another length than announced')
      this.#phase = 'chunk-size'
    } else if (line === '') {
      this.#complete()
    } else {
      addHeader(noHeaders(), line)
    }
  }

  #complete(): void {
    this.#phase = 'complete'
  }
}

interface Head {
  readonly status: number
  /** The minor one: HTTP/1.0 or HTTP/1.1. */
  readonly version: number
  readonly headers: Record<string, string | string[]>
}

function parseHead(text: string): Head {
  const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0\r\n]*)?(?:\r\n|$)/.exec(text)
  if (statusLine === null) throw new MalformedAnswer(notHttp)
  const headers = noHeaders()
  for (let at = text.indexOf('\r\n'); at !== -1;) {
    const start = at + 2
    at = text.indexOf('\r\n', start)
    addHeader(headers, at === -1 ? text.slice(start) : text.slice(start, at))
  }
  return { version: Number(statusLine[1]), status: Number(statusLine[2]), headers }
}

/** Without what every object has: a server may call a header `constructor`. From a prototype they are as fast as other objects. */
const bare: object = Object.create(null)
const noHeaders = (): Head['headers'] => Object.create(bare)

function addHeader(headers: Head['headers'], line: string): void {
  const colon = line.indexOf(':')
  const name = headerName(line.slice(0, Math.max(colon, 0)))
  const value = withoutBlanks(line, colon + 1)
  // Another reader may see the end of a line there.
  if (isBroken.test(value)) throw new MalformedAnswer('a header of more than one line')
  const known = headers[name]
  headers[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value]
}

const isBroken = /[\0\r\n]/

/** Not `trim`, which takes more than spaces and tabs. */
function withoutBlanks(line: string, from: number): string {
  let start = from
  let end = line.length
  while (isBlank(line, start)) start++
  while (end > start && isBlank(line, end - 1)) end--
  return line.slice(start, end)
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at)
  return code === 32 || code === 9
}

/** A server sends the same few names in each of a million answers. */
const headerNames = new Map<string, string>()

function headerName(sent: string): string {
  const known = headerNames.get(sent)
  if (known !== undefined) return known
  const name = sent.toLowerCase()
  if (!isToken.test(name)) throw new MalformedAnswer('a header without a name')
  if (headerNames.size < 256) headerNames.set(ownText(sent), ownText(name))
  return name
}

const notHttp = 'the server does not speak HTTP/1.1'

function startsAlike(one: string, other: string): boolean {
  return one.length < other.length ? other.startsWith(one) : one.startsWith(other)
}

const isToken = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

const isLength = /^\d{1,15}$/

function contentLength(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && isLength.test(value)) return Number(value)
  // A length that is sent twice is one, as long as it is the same.
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
