import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { requestHead } from '../../src/s3/http-request.ts'
import { collect } from '../../src/s3/collect.ts'
import type { HttpRequest } from '../../src/s3/http.ts'

const request = (parts: Partial<HttpRequest> = {}): HttpRequest => ({
  origin: 'https://bucket.s3.eu-west-1.amazonaws.com',
  method: 'GET',
  path: '/a?b=c',
  headers: {},
  ...parts,
})

const linesOf = (head: string): string[] => head.split('\r\n')

/** Any string, with more harmful characters than chance would produce. */
const awkward = fc.string({
  unit: fc.oneof(
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    fc.constantFrom('\r', '\n', '\r\n', '\0', ' ', '\t', ':', '\x7f', '\x85', '\u2028', 'ÿ', 'Ā', 'a', '/', '%0d%0a'),
  ),
  maxLength: 20,
})

function failure(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return error
  }
}

/** Returns the head, or undefined if it was correctly refused. */
function headOf(parts: Partial<HttpRequest>): string | undefined {
  const head = failure(() => requestHead(request(parts)))
  if (typeof head === 'string') return head
  expect(head).toBeInstanceOf(CrosstrailError)
  expect(head).toMatchObject({ code: 'network.unsendable' })
  return undefined
}

describe('the head of a request', () => {
  it('is the request, its headers and an empty line', () => {
    const head = requestHead(request({ headers: { 'X-A': 'b c' } }))
    expect(linesOf(head)).toEqual([
      'GET /a?b=c HTTP/1.1',
      'X-A: b c',
      'host: bucket.s3.eu-west-1.amazonaws.com',
      '',
      '',
    ])
  })

  it.each([
    ['https://a', 'a'],
    ['https://a:443', 'a'],
    ['http://a:80', 'a'],
    ['http://a:8080', 'a:8080'],
    ['http://[::1]:80', '[::1]'],
    ['http://[::1]:9000', '[::1]:9000'],
  ])('for %s names the host %s', (origin, host) => {
    expect(linesOf(requestHead(request({ origin })))).toContain(`host: ${host}`)
  })

  it.each(['host', 'Host', 'HOST'])('keeps a given %s', (name) => {
    const lines = linesOf(requestHead(request({ headers: { [name]: 'b' } })))
    expect(lines.filter((line) => /^host:/i.test(line))).toEqual([`${name}: b`])
  })

  it.each([
    ['GET', undefined, undefined],
    ['HEAD', undefined, undefined],
    ['DELETE', undefined, undefined],
    ['POST', undefined, 0],
    ['PUT', undefined, 0],
    ['PUT', '', 0],
    ['PUT', 'aé€😀', 10],
    ['DELETE', 'a', 1],
    ['PUT', new Uint8Array(70_000), 70_000],
    ['POST', Buffer.from('é'), 2],
  ] as const)('of %s with %j has the content length %j', (method, body, length) => {
    const lines = linesOf(requestHead(request({ method, body })))
    const expected = length === undefined ? [] : [`content-length: ${length}`]
    expect(lines.filter((line) => line.startsWith('content-length'))).toEqual(expected)
  })

  it.each(['content-length', 'Content-Length'])('keeps a given %s', (name) => {
    const lines = linesOf(requestHead(request({ method: 'PUT', body: 'abc', headers: { [name]: '3' } })))
    expect(lines.filter((line) => /^content-length:/i.test(line))).toEqual([`${name}: 3`])
  })

  it('has its own authorization if requests share their headers', () => {
    const headers = { 'x-a': 'b' }
    for (const authorization of ['one', 'two', 'three']) {
      expect(linesOf(requestHead(request({ headers, authorization }))).slice(1, 3)).toEqual([
        'x-a: b',
        `authorization: ${authorization}`,
      ])
    }
  })
})

describe('a request', () => {
  it('has one line per header or is refused, whatever their values', () => {
    fc.assert(
      fc.property(
        fc.array(awkward, { maxLength: 4 }),
        fc.option(awkward, { nil: undefined }),
        (values, authorization) => {
          const headers = Object.fromEntries(values.map((value, at) => [`x-${at}`, value]))
          const head = headOf({ headers, authorization, method: 'PUT', body: 'a' })
          if (head === undefined) return
          expect(linesOf(head)).toEqual([
            'PUT /a?b=c HTTP/1.1',
            ...values.map((value, at) => `x-${at}: ${value}`),
            ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
            'host: bucket.s3.eu-west-1.amazonaws.com',
            'content-length: 1',
            '',
            '',
          ])
          expect(head.replaceAll('\r\n', '')).not.toMatch(/[\0\n\r\x7f]/)
          expect(Buffer.from(head, 'latin1').toString('latin1')).toBe(head)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('has the given path as the second of three words or is refused', () => {
    fc.assert(
      fc.property(awkward, (path) => {
        const head = headOf({ path })
        if (head !== undefined) expect(linesOf(head)[0]?.split(/\s/)).toEqual(['GET', path, 'HTTP/1.1'])
      }),
      { numRuns: 1000 },
    )
  })

  it('has the given names before the colons or is refused', () => {
    fc.assert(
      fc.property(awkward, (name) => {
        const head = headOf({ headers: { [name]: 'b', host: 'c' } })
        if (head !== undefined) expect(linesOf(head)).toContain(`${name}: b`)
        if (head !== undefined) expect(linesOf(head).length).toBe(5)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['a carriage return', '\r'],
    ['a line feed', '\n'],
    ['both', '\r\n'],
    ['a NUL', '\0'],
    ['a DEL', '\x7f'],
    ['a character that is not a byte', 'Ā'],
  ])('with %s in it is refused', (_, bad) => {
    for (const parts of [
      { path: `/a${bad}b` },
      { path: `/a${bad}` },
      { headers: { 'x-a': `a${bad}x-b: c` } },
      { headers: { 'x-a': bad } },
      { headers: { [`x${bad}`]: 'a' } },
      { authorization: `a${bad}` },
    ]) {
      expect(headOf(parts)).toBe(undefined)
    }
  })

  it.each(['', '/a b', '/a\tb', '/é', ' /a', '/a HTTP/1.1'])('with the path %j is refused', (path) => {
    expect(headOf({ path })).toBe(undefined)
  })

  it.each(['', ' x', 'x ', 'x:', 'x y', 'é', '(x)'])('with a header called %j is refused', (name) => {
    expect(headOf({ headers: { [name]: 'a' } })).toBe(undefined)
  })

  it('that is refused does not show its values', () => {
    const secret = 'IQoJb3JpZ2luX2Vj'
    for (const parts of [
      { headers: { 'x-amz-security-token': `${secret}\n` } },
      { headers: {}, authorization: `${secret}\n` },
      { path: `/?X-Amz-Security-Token=${secret}\n` },
    ]) {
      const error = failure(() => requestHead(request(parts)))
      expect(error).toMatchObject({ code: 'network.unsendable' })
      const { message, stack, cause, ...rest } = error as CrosstrailError
      expect([message, stack, cause, JSON.stringify(rest)].join('\n')).not.toContain(secret)
    }
  })

  it('that is refused is also refused through a proxy', async () => {
    const http = createHttpClient({ env: { HTTPS_PROXY: 'http://127.0.0.1:1' } })
    const sent = collect(http, request({ headers: { 'x-a': 'b\n' } }))
    await expect(sent).rejects.toMatchObject({ code: 'network.unsendable' })
    await http.close()
  })

  it('that is refused leads to an error that names the header', () => {
    const make = () => requestHead(request({ headers: { 'x-amz-security-token': 'a\n' } }))
    expect(make).toThrow('x-amz-security-token')
  })
})

describe("Node's server", () => {
  let port: number
  let received: { readonly message: IncomingMessage; readonly body: Buffer }
  const server = createServer((message, response) => {
    void buffer(message).then((body) => {
      received = { message, body }
      response.end()
    })
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  it('reads the intended request', async () => {
    const value = fc
      .string({
        unit: fc
          .integer({ min: 32, max: 255 })
          .filter((code) => code !== 127)
          .map((code) => String.fromCharCode(code)),
      })
      .map((given) => given.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    const body = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array())
    const given = fc.record({
      method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
      path: fc.stringMatching(/^\/[!-~]{0,60}$/),
      values: fc.array(value, { maxLength: 4 }),
      authorization: fc.option(value, { nil: undefined }),
      body: fc.option(body, { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(given, async ({ values, ...parts }) => {
        const headers = Object.fromEntries(values.map((one, at) => [`X-Amz-${at}`, one]))
        const socket = connect(port, '127.0.0.1')
        socket.write(requestHead(request({ ...parts, headers: { ...headers, connection: 'close' } })), 'latin1')
        if (parts.body !== undefined) socket.write(parts.body)
        await buffer(socket)
        const { message, body: got } = received
        expect([message.method, message.url]).toEqual([parts.method, parts.path])
        expect(got).toEqual(Buffer.from(parts.body ?? ''))
        values.forEach((one, at) => expect(message.headers[`x-amz-${at}`]).toBe(one))
        expect(message.headers.authorization).toBe(parts.authorization)
        expect(message.headers.host).toBe('bucket.s3.eu-west-1.amazonaws.com')
      }),
      { numRuns: 100 },
    )
  })
})
