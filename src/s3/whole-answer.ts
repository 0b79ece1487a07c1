import { CrosstrailError } from '../error.ts'
import type { HttpAnswer } from './http.ts'
import type { SdkHttpRequest } from './sdk-http-handler.ts'

/**
 * Refuses a 200 whose document is missing or was cut: the SDK would read it as far as it goes, and take what it lacks for what is not there.
 * Throws `bucket.malformed-answer`.
 */
export function demandWholeAnswer(request: SdkHttpRequest, answer: HttpAnswer): void {
  if (answer.status !== 200 || !hasDocument(request)) return
  // Ceph RGW has no document for no tags.
  if (answer.body.length === 0 && request.query !== undefined && 'tagging' in request.query) return
  const xml = answer.body.toString('utf8').trim()
  const root = /^(?:<\?xml[^>]*\?>)?\s*<([A-Za-z][\w.-]*)/.exec(xml)?.[1]
  if (root !== undefined && (xml.endsWith(`</${root}>`) || isEmptyRoot(xml))) return
  throw new CrosstrailError(
    'bucket.malformed-answer',
    `the answer to ${request.method} ${request.path} is no whole XML document`,
    { hint: 'a proxy in between may cut answers; if it is always so, the endpoint is no S3' },
  )
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
