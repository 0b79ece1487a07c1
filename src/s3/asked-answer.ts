import type { HttpAnswer } from './http.ts'
import { demandClaim, readClaim } from './listing-claim.ts'
import type { SdkHttpRequest } from './sdk-http-handler.ts'
import { wholeDocument } from './whole-document.ts'

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
