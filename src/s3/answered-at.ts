import { dayMs } from '../trail/calendar.ts'
import { type HttpHeaders, header } from './http.ts'

/** The day when CloudTrail was announced: no answer about its logs is older. */
const firstTrailMs = Date.UTC(2013, 10, 13)
const tenYearsMs = 10 * 365.25 * dayMs

/** Returns when a server answered, by its `Date` header; `nowMs` if that is missing, invalid, before CloudTrail or over ten years ahead. */
export function answeredAt(headers: HttpHeaders, nowMs: number): number {
  const atMs = Date.parse(header(headers, 'date') ?? '')
  return atMs >= firstTrailMs && atMs < nowMs + tenYearsMs ? atMs : nowMs
}
