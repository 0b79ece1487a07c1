export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** The last instant with a four-digit year. crosstrail supports times from the epoch to this one. */
export const lastInstantMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/**
 * Converts a date and time in UTC, month 1 to 12, to milliseconds since the epoch.
 * Returns undefined for a date or time that does not exist (February 30, hour 24, second 60, NaN) and for years outside 1970 to 9999.
 */
export function utcInstant(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): number | undefined {
  // Positive conditions, so that NaN fails.
  const exists =
    year >= 1970 &&
    year <= 9999 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour >= 0 &&
    hour <= 23 &&
    minute >= 0 &&
    minute <= 59 &&
    second >= 0 &&
    second <= 59
  return exists ? Date.UTC(year, month - 1, day, hour, minute, second) : undefined
}

function daysIn(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeapYear ? 29 : (daysOfMonth[month - 1] ?? 0)
}
