import { dayMs } from '../trail/calendar.ts'
import { type HttpHeaders, header } from './http.ts'

/** The day when CloudTrail was announced: no answer about its logs is older. */
const firstTrailMs = Date.UTC(2013, 10, 13)
const tenYearsMs = 10 * 365.25 * dayMs

/**
 * Returns when a server answered, by its own clock: the `Date` header. Returns `nowMs`, this machine's clock, if the header is missing or
 * unreadable, or if no log can be listed at that time: before CloudTrail existed, or more than ten years from now.
 */
export function answeredAt(headers: HttpHeaders, nowMs: number): number {
  const atMs = Date.parse(header(headers, 'date') ?? '')
  return atMs >= firstTrailMs && atMs < nowMs + tenYearsMs ? atMs : nowMs
}
