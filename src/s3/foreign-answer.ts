import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { type HttpAnswer, type HttpClient, type HttpHeaders, header } from './http.ts'

export interface AskedOf {
  /** `ListObjectsV2 of logs`. */
  readonly call: string
  readonly origin: string
  readonly http: HttpClient
}

/** Returns an error if a proxy, a firewall or a login page answered (HTML, a redirect, a 407) instead of AWS or an S3-compatible store. */
export function foreignAnswer(answer: HttpAnswer, { call, origin, http }: AskedOf): CrosstrailError | undefined {
  if (!isForeign(answer)) return undefined
  const { status, headers } = answer
  const proxy = http.proxyOf?.(origin)
  const marks = [
    ...markOf('Server', header(headers, 'server')),
    ...markOf('title', /<title[^>]*>([^<]+)/i.exec(startOf(answer))?.[1]),
    ...markOf('redirect to', withoutQuery(header(headers, 'location'))),
  ]
  const from = proxy === undefined ? origin : `${origin} through the proxy ${proxy}`
  const what = `${status}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`
  const message = `the answer to ${call} is not from AWS: ${what} from ${from}`
  return new CrosstrailError('network.foreign-answer', message, {
    hint: hintFor(status, new URL(origin).host),
    facts: { status, origin, proxy, server: header(headers, 'server') },
  })
}

/** AWS and the stores that imitate it mark their answers with headers. */
function isForeign(answer: HttpAnswer): boolean {
  const { status, headers } = answer
  if (marks.some((name) => Boolean(header(headers, name)))) return false
  if (status === 407) return true
  const start = startOf(answer)
  if (/<!doctype html|<html[\s>]/i.test(start)) return true
  const isMarkup = /^\s*<(?:\?xml|Error|[A-Z]\w*Response)/.test(start)
  if (isHtml(headers) && !isMarkup && (start !== '' || announcesBody(headers))) return true
  return [301, 302, 303, 307, 308].includes(status) && !isMarkup
}

const marks = ['x-amz-request-id', 'x-amz-id-2', 'x-amzn-requestid', 'x-amz-bucket-region']

function isHtml(headers: HttpHeaders): boolean {
  return /^text\/html\b/i.test(header(headers, 'content-type') ?? '')
}

/** The answer to a HEAD announces a page without sending it. */
function announcesBody(headers: HttpHeaders): boolean {
  return Number(header(headers, 'content-length')) > 0
}

const startBytes = 4_096

function startOf({ body }: HttpAnswer): string {
  return body.toString('utf8', 0, startBytes)
}

const longestMark = 120

function markOf(name: string, text: string | undefined): readonly string[] {
  // eslint-disable-next-line no-control-regex -- A terminal could take them for commands.
  const plain = text?.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim() ?? ''
  return plain === '' ? [] : [`${name} ${JSON.stringify(maskedForeignText(plain).slice(0, longestMark))}`]
}

/** Removes the query, which may contain parameters of the request. */
function withoutQuery(location: string | undefined): string | undefined {
  return location?.split(/[?#]/, 1)[0]
}

function hintFor(status: number, host: string): string {
  if (status === 407) {
    return 'the proxy requires a user name and a password: set HTTPS_PROXY or HTTP_PROXY to http://user:password@host:port'
  }
  return `a proxy, a firewall or a login page of this network sent it: allow ${host} there, sign in to the network, or check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL`
}
