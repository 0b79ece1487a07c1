import { CrosstrailError } from '../error.ts'
import type { HttpAnswer } from './http.ts'
import type { SdkHttpRequest } from './sdk-http-handler.ts'
import { demandClaim, readClaim } from './listing-claim.ts'

/**
 * Returns the document of a 200; undefined if the call has none. Rejects a document that is missing, cut off or uses namespace prefixes: the
 * SDK would read a part of it and treat the rest as absent. Throws `bucket.malformed-answer`.
 */
export function wholeDocument(request: SdkHttpRequest, answer: HttpAnswer): string | undefined {
  if (answer.status !== 200 || !hasDocument(request)) return undefined
  // For an object without tags, Ceph RGW sends no document.
  if (answer.body.length === 0 && request.query !== undefined && 'tagging' in request.query) return undefined
  const xml = answer.body.toString('utf8').trim()
  const root = /^(?:<\?xml[^>]*\?>)?\s*<([A-Za-z][\w.-]*)/.exec(xml)?.[1]
  const isWhole = root !== undefined && (xml.endsWith(`</${root}>`) || isEmptyRoot(xml))
  if (!isWhole) throw malformed(request, 'is not a complete XML document')
  const prefixed = /<[^\s<>/:!?]+:[^\s<>/]+/.exec(xml)?.[0]
  if (prefixed !== undefined) throw malformed(request, `contains ${prefixed}>, which cannot be read`)
  return xml
}

function malformed({ method, path }: SdkHttpRequest, what: string): CrosstrailError {
  return new CrosstrailError('bucket.malformed-answer', `the answer to ${method} ${path} ${what}`, {
    hint: 'a proxy may cut off or change answers; if it happens every time, the endpoint is not compatible with S3',
  })
}

/** Returns whether an answer must have a document: true for all SDK calls except HEAD, the upload of a part and a restore. */
function hasDocument({ method, query, headers }: SdkHttpRequest): boolean {
  if (method === 'PUT') return Object.keys(headers).some((name) => name.toLowerCase() === 'x-amz-copy-source')
  if (method === 'POST') return query === undefined || !('restore' in query)
  return method === 'GET'
}

function isEmptyRoot(xml: string): boolean {
  return /^(?:<\?xml[^>]*\?>)?\s*<[^<>]*\/>$/.test(xml)
}

/** Checks what the SDK does not: an answer must not be cut off or of another listing. Throws `bucket.malformed-answer`, `bucket.wrong-page`. */
export function demandAskedAnswer(request: SdkHttpRequest, answer: HttpAnswer, bucket: string): void {
  const xml = wholeDocument(request, answer)
  const { query = {} } = request
  if (xml === undefined || request.method !== 'GET' || !('versions' in query || 'list-type' in query)) return
  demandClaim(readClaim(xml), { bucket, prefix: textOf(query['prefix']), keyMarker: textOf(query['key-marker']) })
}

function textOf(value: string | string[] | null | undefined): string {
  return typeof value === 'string' ? value : ''
}
