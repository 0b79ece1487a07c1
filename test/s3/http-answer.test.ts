import { createServer, type IncomingMessage, request as nodeRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/s3/http-answer.ts'
import { MalformedAnswer } from '../../src/s3/http-head.ts'
import type { HttpHeaders, HttpReceiver } from '../../src/s3/http.ts'

class Recorder implements HttpReceiver {
  status = 0
  headers: HttpHeaders = {}
  starts = 0
  readonly chunks: Buffer[] = []

  start(status: number, headers: HttpHeaders): void {
    this.starts++
    this.status = status
    this.headers = headers
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

interface Cut {
  readonly cuts?: readonly number[] | 'everywhere'
  readonly hasBody?: boolean
}

/** Reads the wire bytes through one buffer, which contains line ends wherever it has no bytes of the answer. */
function read(wire: Buffer | string, { cuts = [], hasBody = true }: Cut = {}) {
  const recorder = new Recorder()
  const reader = new AnswerReader(recorder, hasBody)
  const bytes = typeof wire === 'string' ? Buffer.from(wire, 'latin1') : wire
  const shown = Buffer.alloc(Math.min(bytes.length + 64, 65_536), '\r\n')
  const places = cuts === 'everywhere' ? Array.from({ length: 2000 }, (_, at) => at) : cuts
  const ends = places.map((place) => place % (bytes.length + 1)).toSorted((one, other) => one - other)
  for (let at = 0; at < bytes.length;) {
    const to = Math.min(ends.find((end) => end > at) ?? bytes.length, at + 65_536)
    bytes.copy(shown, 0, at, to)
    reader.read(shown, to - at)
    shown.fill('\r\n')
    at = to
  }
  return { reader, recorder }
}

const blank = /^[\t ]|[\t ]$/
const text = fc
  .string({
    unit: fc.mapToConstant(
      { num: 95, build: (at) => String.fromCharCode(32 + at) },
      { num: 128, build: (at) => String.fromCharCode(128 + at) },
    ),
    maxLength: 30,
  })
  .filter((value) => !blank.test(value))
const name = fc
  .oneof(
    fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/),
    fc.constantFrom('ETag', '__proto__', 'constructor', 'x-a', 'X-A'),
  )
  .filter((sent) => !['content-length', 'transfer-encoding', 'connection', 'keep-alive'].includes(sent.toLowerCase()))
const ows = fc.constantFrom('', ' ', '\t', ' \t ')
const headers = fc.array(fc.tuple(name, ows, text, ows), { maxLength: 8 })
const chunk = fc.record({
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  extension: fc.constantFrom('', ' ', ';a', ';a=b', ' ;a="b c"'),
  isUpperCase: fc.boolean(),
  zeros: fc.integer({ min: 0, max: 3 }),
})
const framing = fc.oneof(
  fc.record({ kind: fc.constant('length' as const), body: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ kind: fc.constant('chunked' as const), chunks: fc.array(chunk, { maxLength: 6 }), trailers: headers }),
  fc.record({ kind: fc.constant('close' as const), body: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ kind: fc.constantFrom('head' as const, 204 as const, 304 as const), length: fc.nat() }),
)
const informational = fc.array(fc.constantFrom('HTTP/1.1 100 Continue', 'HTTP/1.1 103 Early Hints\r\nlink: </a>'), {
  maxLength: 2,
})
const answer = fc
  .record({
    status: fc.integer({ min: 200, max: 599 }).filter((one) => one !== 204 && one !== 304),
    reason: text,
    headers,
    framing,
    informational,
  })
  .map(({ status, ...rest }) => ({
    ...rest,
    status: typeof rest.framing.kind === 'number' ? rest.framing.kind : status,
  }))
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never

const headerLines = (list: Answer['headers']): string =>
  list.map(([sent, before, value, after]) => `${sent}:${before}${value}${after}\r\n`).join('')

function framed(shape: Answer['framing']): {
  readonly header: string
  readonly wire: Uint8Array
  readonly body: Uint8Array
} {
  if (shape.kind === 'close') return { header: '', wire: shape.body, body: shape.body }
  if (shape.kind === 'length') {
    return { header: `Content-Length: ${shape.body.length}\r\n`, wire: shape.body, body: shape.body }
  }
  if (shape.kind !== 'chunked') {
    return { header: `content-length: ${shape.length}\r\n`, wire: new Uint8Array(), body: new Uint8Array() }
  }
  const size = (length: number, { isUpperCase, zeros }: { isUpperCase: boolean; zeros: number }) => {
    const digits = '0'.repeat(zeros) + length.toString(16)
    return isUpperCase ? digits.toUpperCase() : digits
  }
  const wire = [
    ...shape.chunks.flatMap((one) => [`${size(one.bytes.length, one)}${one.extension}\r\n`, one.bytes, '\r\n']),
    `0\r\n${headerLines(shape.trailers)}\r\n`,
  ]
  return {
    header: 'Transfer-Encoding: Chunked\r\n',
    wire: Buffer.concat(wire.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))),
    body: Buffer.concat(shape.chunks.map(({ bytes }) => bytes)),
  }
}

function written({ status, reason, headers: list, framing: shape, informational: before }: Answer) {
  const { header, wire, body } = framed(shape)
  const first = before.map((head) => `${head}\r\n\r\n`).join('')
  const head = Buffer.from(`${first}HTTP/1.1 ${status} ${reason}\r\n${headerLines(list)}${header}\r\n`, 'latin1')
  return {
    wire: Buffer.concat([head, wire]),
    headLength: head.length,
    body: Buffer.from(body),
    hasBody: shape.kind !== 'head',
  }
}

function grouped(list: readonly (readonly [string, string])[]): [string, string | string[]][] {
  const values = new Map<string, string[]>()
  for (const [sent, value] of list) values.set(sent.toLowerCase(), [...(values.get(sent.toLowerCase()) ?? []), value])
  return [...values].map(([key, all]) => [key, all.length === 1 ? String(all[0]) : all])
}

const isFraming = ([key]: readonly [string, unknown]): boolean => /^(content-length|transfer-encoding)$/.test(key)
const sorted = (entries: readonly [string, unknown][]) => entries.toSorted(([one], [other]) => (one < other ? -1 : 1))

const cuts = fc.oneof(fc.array(fc.nat(), { maxLength: 12 }), fc.constant('everywhere' as const))

const ok = 'HTTP/1.1 200 OK\r\n'

describe('an answer', () => {
  it('is the same however its bytes are split', () => {
    fc.assert(
      fc.property(answer, cuts, (given, pieces) => {
        const { wire, body, hasBody } = written(given)
        const { reader, recorder } = read(wire, { cuts: pieces, hasBody })
        const expected = grouped(given.headers.map(([sent, , value]) => [sent, value]))
        expect([recorder.starts, recorder.status]).toEqual([1, given.status])
        expect(
          sorted(Object.entries(recorder.headers).filter((entry) => !isFraming(entry)) as [string, unknown][]),
        ).toEqual(sorted(expected))
        expect(recorder.body).toEqual(body)
        expect(reader.isComplete).toBe(given.framing.kind !== 'close')
        expect(reader.keepAlive).toBe(given.framing.kind !== 'close')
        expect(reader.end()).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('is not complete while any byte is missing', () => {
    fc.assert(
      fc.property(answer, cuts, fc.nat(), (given, pieces, missing) => {
        const { wire, headLength, hasBody } = written(given)
        const length = missing % wire.length
        const { reader } = read(wire.subarray(0, length), { cuts: pieces, hasBody })
        expect(reader.isComplete).toBe(false)
        expect(reader.end()).toBe(given.framing.kind === 'close' && length >= headLength)
      }),
      { numRuns: 500 },
    )
  })

  it('prevents another request if bytes follow it', () => {
    const bounded = answer.filter(({ framing: shape }) => shape.kind !== 'close')
    fc.assert(
      fc.property(bounded, bounded, cuts, (first, second, pieces) => {
        const { wire, body, hasBody } = written(first)
        const { reader, recorder } = read(Buffer.concat([wire, written(second).wire]), { cuts: pieces, hasBody })
        expect([recorder.starts, recorder.body, reader.isComplete, reader.keepAlive]).toEqual([1, body, true, false])
      }),
    )
  })

  it.each([1, 65_536, 1_048_576, 1_048_577, 3_000_000])('passes on a body of %i bytes in its own memory', (length) => {
    const body = Buffer.alloc(length, 'what nobody may overwrite')
    for (const wire of [
      Buffer.concat([Buffer.from(`${ok}content-length: ${length}\r\n\r\n`), body]),
      Buffer.concat([
        Buffer.from(`${ok}transfer-encoding: chunked\r\n\r\n${length.toString(16)}\r\n`),
        body,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
    ]) {
      const { reader, recorder } = read(wire)
      expect(recorder.body.equals(body)).toBe(true)
      expect(reader.isComplete).toBe(true)
      expect(recorder.chunks.length === 1).toBe(length <= 1_048_576)
    }
  })

  it('with a long body is passed on while it arrives', () => {
    const { recorder } = read(`${ok}content-length: 2000000\r\n\r\nthe first`)
    expect(recorder.body.toString()).toBe('the first')
  })
})

describe('a malformed answer', () => {
  const refusal = (wire: Buffer, pieces: Required<Cut>['cuts']) => {
    try {
      const { reader, recorder } = read(wire, { cuts: pieces })
      return [reader.end(), reader.keepAlive, recorder.status, recorder.body.toString('latin1')]
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedAnswer)
      return 'refused'
    }
  }
  const bite = fc.record({
    at: fc.nat(),
    drop: fc.integer({ min: 0, max: 3 }),
    put: fc.constantFrom(
      '',
      '\r',
      '\n',
      '\r\n',
      ' ',
      ':',
      '0',
      ';',
      ',',
      '\0',
      '\x80',
      'f'.repeat(20),
      'x'.repeat(33_000),
    ),
  })
  const damaged = fc.tuple(answer, fc.array(bite, { minLength: 1, maxLength: 3 })).map(([given, bites]) =>
    bites.reduce((wire, { at, drop, put }) => {
      const from = at % wire.length
      return Buffer.concat([wire.subarray(0, from), Buffer.from(put, 'latin1'), wire.subarray(from + drop)])
    }, written(given).wire),
  )
  const garbage = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

  it('is rejected or waited for, however its bytes are split', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, garbage), cuts, (wire, pieces) => {
        expect(refusal(wire, pieces)).toEqual(refusal(wire, []))
      }),
      { numRuns: 1000 },
    )
  })

  const chunked = 'transfer-encoding: chunked\r\n'
  it.each([
    ['a length and a coding', `${ok}content-length: 3\r\n${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`],
    ['a coding and a length', `${ok}${chunked}content-length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n`],
    ['two lengths', `${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`],
    ['two lengths in a list', `${ok}content-length: 3, 4\r\n\r\nabcd`],
    ['an empty length', `${ok}content-length:\r\n\r\n`],
    ['a negative length', `${ok}content-length: -1\r\n\r\n`],
    ['a length with a plus', `${ok}content-length: +3\r\n\r\nabc`],
    ['a length with an exponent', `${ok}content-length: 1e3\r\n\r\n`],
    ['a length in hexadecimal', `${ok}content-length: 0x10\r\n\r\n`],
    ['a length with a space', `${ok}content-length: 1 0\r\n\r\n`],
    ['a length too large for a number', `${ok}content-length: 9007199254740993\r\n\r\n`],
    ['another coding', `${ok}transfer-encoding: gzip\r\n\r\n`],
    ['a coding within another', `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['a coding of two words', `${ok}transfer-encoding: chunked x\r\n\r\n0\r\n\r\n`],
    ['a coding twice', `${ok}${chunked}${chunked}\r\n0\r\n\r\n`],
    ['a header without a colon', `${ok}content-length 0\r\n\r\n`],
    ['a header without a name', `${ok}: 0\r\n\r\n`],
    ['a space before the colon', `${ok}content-length : 0\r\n\r\n`],
    ['a folded line', `${ok}x: a\r\n b\r\ncontent-length: 0\r\n\r\n`],
    ['a folded first line', `${ok} x: a\r\ncontent-length: 0\r\n\r\n`],
    ['a line feed within a value', `${ok}x: a\ncontent-length: 3\r\ncontent-length: 0\r\n\r\n`],
    ['a carriage return within a value', `${ok}x: a\rb\r\ncontent-length: 0\r\n\r\n`],
    ['an extra carriage return', `${ok}content-length: 0\r\r\n\r\n`],
    ['a NUL within a value', `${ok}x: a\0b\r\ncontent-length: 0\r\n\r\n`],
    ['a line feed within the reason', 'HTTP/1.1 200 OK\nx: a\r\ncontent-length: 0\r\n\r\n'],
    ['lines that end with only a line feed', 'HTTP/1.1 200 OK\ncontent-length: 0\n\r\n\r\n'],
    ['a chunk size with a sign', `${ok}${chunked}\r\n+3\r\nabc\r\n0\r\n\r\n`],
    ['a negative chunk size', `${ok}${chunked}\r\n-3\r\nabc\r\n0\r\n\r\n`],
    ['a missing chunk size', `${ok}${chunked}\r\n\r\nabc\r\n0\r\n\r\n`],
    ['a chunk size with only an extension', `${ok}${chunked}\r\n;a\r\nabc\r\n0\r\n\r\n`],
    ['a chunk size with 0x', `${ok}${chunked}\r\n0x3\r\nabc\r\n0\r\n\r\n`],
    ['a chunk size after a space', `${ok}${chunked}\r\n 3\r\nabc\r\n0\r\n\r\n`],
    ['a chunk size too large for a number', `${ok}${chunked}\r\n20000000000001\r\n`],
    ['a chunk extension with a line feed', `${ok}${chunked}\r\n3;a\nb\r\nabc\r\n0\r\n\r\n`],
    ['a chunk without a line end after it', `${ok}${chunked}\r\n3\r\nabc0\r\n\r\n`],
    ['a chunk longer than announced', `${ok}${chunked}\r\n3\r\nabcd\r\n0\r\n\r\n`],
    ['a trailer that is not a header', `${ok}${chunked}\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n`],
    ['a change of the protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n'],
    ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['HTTP/0.9', 'HTTP/0.9 200 OK\r\n\r\n'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['a status line in lower case', 'http/1.1 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['an invalid status', 'HTTP/1.1 600 Odd\r\n\r\n'],
    ['an empty line first', `\r\n${ok}content-length: 0\r\n\r\n`],
    ['a greeting of another protocol', 'SSH-2.0-OpenSSH_9\r\n'],
    ['a page without a head', '<html>'],
  ])('is rejected: %s', (_, wire) => {
    expect(() => read(wire)).toThrow(MalformedAnswer)
    expect(() => read(wire, { cuts: 'everywhere' })).toThrow(MalformedAnswer)
  })

  it.each([
    ['head', `${ok}x: `],
    ['chunk extension', `${ok}${chunked}\r\n3;`],
    ['trailer', `${ok}${chunked}\r\n0\r\nx: `],
  ])('is rejected: a %s of more than 32 KB, complete or not', (_, start) => {
    const long = start + 'a'.repeat(33_000)
    for (const end of ['', '\r\n', '\r\n\r\n', '\r\nabc\r\n0\r\n\r\n']) {
      expect(() => read(long + end)).toThrow(MalformedAnswer)
      expect(() => read(long + end, { cuts: [20, 5000, 30_000] })).toThrow(MalformedAnswer)
    }
  })

  it('does not include a head of nearly 32 KB', () => {
    const wire = `${ok}x: ${'a'.repeat(32_000)}\r\ncontent-length: 0\r\n\r\n`
    expect(read(wire).reader.isComplete).toBe(true)
    expect(read(wire, { cuts: [20, 5000, 30_000] }).reader.isComplete).toBe(true)
  })

  it('does not include the same length sent twice', () => {
    const { recorder } = read(`${ok}content-length: 3\r\ncontent-length: 3, 3\r\n\r\nabc`)
    expect(recorder.body.toString()).toBe('abc')
  })
})

describe('an answer ends the connection', () => {
  it.each([
    [true, 'HTTP/1.1', ''],
    [true, 'HTTP/1.1', 'connection: keep-alive\r\n'],
    [false, 'HTTP/1.1', 'connection: close\r\n'],
    [false, 'HTTP/1.1', 'Connection: Close\r\n'],
    [false, 'HTTP/1.1', 'connection: x-a, close\r\n'],
    [false, 'HTTP/1.1', 'connection: x-a\r\nconnection: close\r\n'],
    [false, 'HTTP/1.0', ''],
    [true, 'HTTP/1.0', 'connection: Keep-Alive\r\n'],
    [false, 'HTTP/1.0', 'connection: keep-alive, close\r\n'],
  ])('unless keep-alive is allowed: %s for %s with %j', (keepAlive, version, connection) => {
    const { reader } = read(`${version} 200 OK\r\n${connection}content-length: 0\r\n\r\n`)
    expect([reader.isComplete, reader.keepAlive]).toEqual([true, keepAlive])
  })

  it('if HTTP/1.0 was sent in chunks', () => {
    const { reader, recorder } = read(
      'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    )
    expect([recorder.body.toString(), reader.keepAlive]).toEqual(['a', false])
  })

  it.each([
    ['timeout=5, max=100', 5],
    ['max=100, timeout=5', 5],
    ['max=100,timeout=5', 5],
    ['Timeout=60', 60],
    ['max=100', undefined],
    ['xtimeout=5', undefined],
    ['timeout=soon', undefined],
  ])('after the time of Keep-Alive: %s', (value, seconds) => {
    const { reader } = read(`${ok}keep-alive: ${value}\r\ncontent-length: 0\r\n\r\n`)
    expect(reader.idleSeconds).toBe(seconds)
  })

  it('at no time if it names none', () => {
    expect(read(`${ok}content-length: 0\r\n\r\n`).reader.idleSeconds).toBe(undefined)
  })
})

describe("an answer of Node's server", () => {
  let origin: { readonly host: string; readonly port: number }
  let plan: { readonly status: number; readonly pieces: readonly Uint8Array[]; readonly isSized: boolean }
  const server = createServer((_, response) => {
    response.sendDate = false
    const length = plan.pieces.reduce((sum, { length: bytes }) => sum + bytes, 0)
    response.writeHead(plan.status, { 'X-A': ['1', '2'], ...(plan.isSized && { 'Content-Length': length }) })
    for (const piece of plan.pieces) response.write(piece)
    response.end()
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  async function asNodeReads(method: string) {
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      nodeRequest({ ...origin, method, agent: false }, resolve)
        .on('error', reject)
        .end()
    })
    const pairs = message.rawHeaders.flatMap((sent, at) =>
      at % 2 === 0 ? [[sent, String(message.rawHeaders[at + 1])] as const] : [],
    )
    return { status: message.statusCode, headers: sorted(grouped(pairs)), body: await buffer(message) }
  }

  async function asItIsRead(method: string) {
    const socket = connect(origin)
    socket.write(`${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
    const recorder = new Recorder()
    const reader = new AnswerReader(recorder, method !== 'HEAD')
    for await (const bytes of Readable.from(socket)) reader.read(bytes as Buffer, (bytes as Buffer).length)
    expect(reader.end()).toBe(true)
    return { status: recorder.status, headers: sorted(Object.entries(recorder.headers)), body: recorder.body }
  }

  it("is what Node's client reads", async () => {
    const plans = fc.record({
      status: fc.constantFrom(200, 204, 304, 404, 503),
      pieces: fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 5 }),
      isSized: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(plans, fc.constantFrom('GET', 'HEAD'), async (given, method) => {
        plan = given.status === 204 || given.status === 304 ? { ...given, pieces: [] } : given
        expect(await asItIsRead(method)).toEqual(await asNodeReads(method))
      }),
      { numRuns: 60 },
    )
  })
})
