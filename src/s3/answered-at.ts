import { dayMs } from '../trail/calendar.ts'
import { type HttpHeaders, header } from './http.ts'

/** The day CloudTrail was announced: no answer about its logs is older. */
const firstTrailMs = Date.UTC(2013, 10, 13)
const tenYearsMs = 10 * 365.25 * dayMs

/**
 * When a server answered, by its own clock: the `Date` header. `nowMs`, the clock here, takes its place if there is none, it cannot be read, or it
 * is no time at which a log can be listed: before CloudTrail, or ten years from now.
 */
export function answeredAt(headers: HttpHeaders, nowMs: number): number {
  const atMs = Date.parse(header(headers, 'date') ?? '')
  return atMs >= firstTrailMs && atMs < nowMs + tenYearsMs ? atMs : nowMs
}
