import { CrosstrailError } from '../error.ts'
import type { HttpRequest } from './http.ts'

/** Returns the head of a request. Throws CrosstrailError `network.unsendable` if a server could read it as another request. */
export function requestHead(request: HttpRequest): string {
  const { method, path, headers, authorization, body } = request
  if (!isPath.test(path)) throw unsendable('the path')
  let lines = authorization === undefined ? headerLines(headers) : sharedLines(headers)
  if (authorization !== undefined) lines += headerLine('authorization', authorization)
  if (!hasHeader(headers, 'host')) lines += `host: ${new URL(request.origin).host}\r\n`
  if ((body !== undefined || method === 'POST' || method === 'PUT') && !hasHeader(headers, 'content-length')) {
    lines += `content-length: ${body === undefined ? 0 : Buffer.byteLength(body)}\r\n`
  }
  return `${method} ${path} HTTP/1.1\r\n${lines}\r\n`
}

/** Caches header texts: thousands of signed requests per second differ in one header only. */
const shared = new WeakMap<HttpRequest['headers'], string>()

function sharedLines(headers: HttpRequest['headers']): string {
  const known = shared.get(headers)
  if (known !== undefined) return known
  const lines = headerLines(headers)
  shared.set(headers, lines)
  return lines
}

function headerLines(headers: HttpRequest['headers']): string {
  return Object.entries(headers)
    .map(([name, value]) => headerLine(name, value))
    .join('')
}

function headerLine(name: string, value: string): string {
  if (!isName.test(name) || !isValue.test(value)) throw unsendable(`the header ${JSON.stringify(name)}`)
  return `${name}: ${value}\r\n`
}

function hasHeader(headers: HttpRequest['headers'], name: string): boolean {
  return name in headers || Object.keys(headers).some((one) => one.toLowerCase() === name)
}

/** RFC 9110: visible characters; values may also contain spaces, tabs and non-ASCII bytes. */
const isPath = /^[!-~]+$/
const isName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const isValue = /^[\t -~\x80-\xff]*$/

/** Does not show the value, which may be a secret. */
function unsendable(what: string): CrosstrailError {
  return new CrosstrailError(
    'network.unsendable',
    `${what} of a request contains a character that HTTP does not allow`,
    {
      hint: 'check the credentials, especially AWS_SESSION_TOKEN, for a line break or an invisible character',
    },
  )
}
