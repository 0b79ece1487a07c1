import { CrosstrailError } from '../error.ts'
import type { HttpAnswer } from './http.ts'
import type { SdkHttpRequest } from './sdk-http-handler.ts'
import { demandClaim, readClaim } from './listing-claim.ts'

/**
 * The document of a 200, undefined where it has none. Refuses one that is missing, was cut, or names its elements with namespaces: the SDK would
 * read it as far as it can, and take what it lacks for what is not there. Throws `bucket.malformed-answer`.
 */
export function wholeDocument(request: SdkHttpRequest, answer: HttpAnswer): string | undefined {
  if (answer.status !== 200 || !hasDocument(request)) return undefined
  // Ceph RGW has no document for no tags.
  if (answer.body.length === 0 && request.query !== undefined && 'tagging' in request.query) return undefined
  const xml = answer.body.toString('utf8').trim()
  const root = /^(?:<\?xml[^>]*\?>)?\s*<([A-Za-z][\w.-]*)/.exec(xml)?.[1]
  const isWhole = root !== undefined && (xml.endsWith(`</${root}>`) || isEmptyRoot(xml))
  if (!isWhole) throw malformed(request, 'is no whole XML document')
  const prefixed = /<[^\s<>/:!?]+:[^\s<>/]+/.exec(xml)?.[0]
  if (prefixed !== undefined) throw malformed(request, `holds ${prefixed}>, which cannot be read`)
  return xml
}

function malformed({ method, path }: SdkHttpRequest, what: string): CrosstrailError {
  return new CrosstrailError('bucket.malformed-answer', `the answer to ${method} ${path} ${what}`, {
    hint: 'a proxy in between may cut or change answers; if it is always so, the endpoint is no S3',
  })
}

/** All that the SDK is used for but HEAD, the upload of a part and a restore. */
function hasDocument({ method, query, headers }: SdkHttpRequest): boolean {
  if (method === 'PUT') return Object.keys(headers).some((name) => name.toLowerCase() === 'x-amz-copy-source')
  if (method === 'POST') return query === undefined || !('restore' in query)
  return method === 'GET'
}

function isEmptyRoot(xml: string): boolean {
  return /^(?:<\?xml[^>]*\?>)?\s*<[^<>]*\/>$/.test(xml)
}

/**
 * Refuses an answer to the SDK that was cut, or is that of another listing than was asked for: the SDK does not look. `bucket`: that of all its
 * calls. Throws `bucket.malformed-answer`, `bucket.wrong-page`.
 */
export function demandAskedAnswer(request: SdkHttpRequest, answer: HttpAnswer, bucket: string): void {
  const xml = wholeDocument(request, answer)
  const { query = {} } = request
  if (xml === undefined || request.method !== 'GET' || !('versions' in query || 'list-type' in query)) return
  demandClaim(readClaim(xml), { bucket, prefix: textOf(query['prefix']), keyMarker: textOf(query['key-marker']) })
}

function textOf(value: string | string[] | null | undefined): string {
  return typeof value === 'string' ? value : ''
}
