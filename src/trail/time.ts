import { CrosstrailError } from '../error.ts'
import { dayMs, hourMs, lastInstantMs, minuteMs, secondMs, utcInstant } from './calendar.ts'
import type { Window } from './window.ts'

const instantPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:\d{2})?)?$/
const agoPattern = /^(\S+) +ago$/
const durationPattern = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/
const monthOrYearPattern = /\d\s*(?:mo|months?|y|yrs?|years?)\b/i

const instantHint =
  'give a day (2026-11-01), a minute (2026-11-01T12:30), RFC 3339 (2026-11-01T12:30:00Z, or with +01:00), `now`, `today`, `yesterday`, or a time ago (`90m ago`, `7d ago`); times are UTC unless you give an offset'
const durationHint = 'give weeks, days, hours, minutes or seconds, the largest first: 2w, 7d, 24h, 1h30m, 30s'
const monthHint = 'months and years differ in length: give weeks or days, such as 30d or 365d'

/**
 * Parses an instant, in milliseconds since the epoch: a day (its start), a minute, a second, RFC 3339, `now`, `today` and `yesterday` (the
 * starts of these days), `7d ago`. UTC unless the text has an offset.
 *
 * @throws CrosstrailError `usage.time` for anything else, for a date that does not exist, and for times outside 1970 to 9999.
 */
export function parseInstant(text: string, nowMs: number): number {
  const trimmed = text.trim()
  const instantMs = wordInstant(trimmed, nowMs) ?? parseDate(trimmed, text)
  if (instantMs >= 0 && instantMs <= lastInstantMs) return instantMs
  throw new CrosstrailError('usage.time', `the time ${JSON.stringify(text)} is outside the years 1970 to 9999`)
}

/**
 * Parses a duration such as `24h`, `7d`, `15m`, `30s`, `2w` or `1h30m`, in milliseconds.
 *
 * @throws CrosstrailError `usage.time` for anything else, also for months and years, which have no fixed length.
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim()
  const match = trimmed === '' ? null : durationPattern.exec(trimmed)
  if (match === null) {
    const hint = monthOrYearPattern.test(trimmed) ? monthHint : durationHint
    throw new CrosstrailError('usage.time', `cannot read the duration ${JSON.stringify(text)}`, { hint })
  }
  const [, weeks, days, hours, minutes, seconds] = match.map((count) => Number(count ?? 0))
  const durationMs =
    ((weeks ?? 0) * 7 + (days ?? 0)) * dayMs +
    (hours ?? 0) * hourMs +
    (minutes ?? 0) * minuteMs +
    (seconds ?? 0) * secondMs
  if (durationMs <= lastInstantMs) return durationMs
  throw new CrosstrailError('usage.time', `the duration ${JSON.stringify(text)} is too long`, { hint: durationHint })
}

/**
 * Parses the window of `--from`, `--to` and `--last`. Half-open: `--to 2026-11-08` ends at the start of that day. A missing side is
 * open. `last` leaves the end open, so that the window includes logs delivered during the run.
 *
 * @throws CrosstrailError `usage.time` if a text is not a time. `usage.window` if `last` is combined with another text, if the end is not after the start, or if the start is in the future.
 */
export function parseWindow(
  texts: { readonly from?: string | undefined; readonly to?: string | undefined; readonly last?: string | undefined },
  nowMs: number,
): Window {
  const { from, to, last } = texts
  if (last !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new CrosstrailError('usage.window', 'a window cannot have both a last duration and a from or to', {
        hint: 'give --last, or --from and --to',
      })
    }
    return lastWindow(last, nowMs)
  }
  const fromMs = from === undefined ? undefined : parseInstant(from, nowMs)
  const toMs = to === undefined ? undefined : parseInstant(to, nowMs)
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new CrosstrailError('usage.window', `the window from ${from} to ${to} is empty`, {
      hint: 'the end is exclusive and must come after the start; for a single day, give the next day as the end',
      facts: { from, to },
    })
  }
  refuseFuture(from, fromMs, nowMs)
  return { fromMs, toMs }
}

/** Parses the start of an open window. Throws `usage.time`, and `usage.window` if the start is in the future. */
export function parseStart(text: string, nowMs: number): number {
  const instantMs = parseInstant(text, nowMs)
  refuseFuture(text, instantMs, nowMs)
  return instantMs
}

/** No log can have been delivered in the future, and an empty result would look correct. */
function refuseFuture(text: string | undefined, startMs: number | undefined, nowMs: number): void {
  if (startMs === undefined || startMs <= nowMs) return
  throw new CrosstrailError('usage.window', `the start ${text} is in the future; it is now ${formatInstant(nowMs)}`, {
    hint: 'give an earlier start; times are UTC unless you give an offset',
    facts: { from: text, now: formatInstant(nowMs) },
  })
}

/** Formats an instant for output: UTC, to the second, `2026-11-01T12:30:00Z`. */
export function formatInstant(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z`
}

/** Texts by days since the epoch. The instants of a listing fall on few days, and formatting one is slow. */
const dayTexts = new Map<number, string>()
const maxDayTexts = 4096

/** Formats the UTC day of an instant: `2026-11-01`. */
export function dayOf(instantMs: number): string {
  const day = Math.floor(instantMs / dayMs)
  let text = dayTexts.get(day)
  if (text === undefined) {
    text = new Date(instantMs).toISOString().slice(0, 10)
    if (dayTexts.size >= maxDayTexts) dayTexts.clear()
    dayTexts.set(day, text)
  }
  return text
}

/** Returns undefined for any text but a word or a time ago. */
function wordInstant(trimmed: string, nowMs: number): number | undefined {
  const todayMs = Math.floor(nowMs / dayMs) * dayMs
  switch (trimmed) {
    case 'now':
      return nowMs
    case 'today':
      return todayMs
    case 'yesterday':
      return todayMs - dayMs
    default: {
      const [, duration] = agoPattern.exec(trimmed) ?? []
      return duration === undefined ? undefined : nowMs - parseDuration(duration)
    }
  }
}

function parseDate(trimmed: string, text: string): number {
  const match = instantPattern.exec(trimmed)
  if (match === null) {
    const hint = monthOrYearPattern.test(trimmed) ? monthHint : instantHint
    throw new CrosstrailError('usage.time', `cannot read the time ${JSON.stringify(text)}`, { hint })
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0))
  const instantMs = utcInstant(year ?? 0, month ?? 0, day ?? 0, hour, minute, second)
  const offsetMs = parseOffset(match[8])
  if (instantMs === undefined || offsetMs === undefined) {
    throw new CrosstrailError('usage.time', `the time ${JSON.stringify(text)} does not exist`, { hint: instantHint })
  }
  return instantMs + Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')) - offsetMs
}

function parseOffset(offset: string | undefined): number | undefined {
  if (offset === undefined || offset.toUpperCase() === 'Z') return 0
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(4, 6))
  if (hours > 23 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * hourMs + minutes * minuteMs)
}

function lastWindow(last: string, nowMs: number): Window {
  const durationMs = parseDuration(last)
  if (durationMs === 0) throw new CrosstrailError('usage.window', `the window of the last ${last} is empty`)
  return { fromMs: Math.max(0, nowMs - durationMs), toMs: undefined }
}
