import { suggest } from '../config/suggest.ts'
import { CrosstrailError } from '../error.ts'
import { dayMs } from '../trail/calendar.ts'
import { parseDuration } from '../trail/time.ts'
import { type ParseText, wrongValue } from '../config/text-value.ts'

/** Reads one of `choices`. Throws `usage.invalid-value`, which suggests the nearest one. */
export function oneOf<T extends string>(choices: readonly T[]): ParseText<T> {
  return (text, name) => {
    const choice = choices.find((candidate) => candidate === text)
    if (choice !== undefined) return choice
    const near = suggest(text, choices)
    const wrong = wrongValue(name, text, choices.join(', '))
    throw near === undefined
      ? wrong
      : new CrosstrailError(wrong.code, wrong.message, { hint: `did you mean ${near}?`, facts: wrong.facts })
  }
}

/** Reads a whole number from `min` to `max`, both included. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): ParseText<number> {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min} up` : `a whole number from ${min} to ${max}`
  return (text, name) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) throw wrongValue(name, text, expected)
    return value
  }
}

const bytesPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
}

/** Reads a size in bytes, at least one: `500MiB`, `10GB`, `1.5 GB`, `4096`. Units are decimal unless they have the `i`. */
export const sizeInBytes: ParseText<number> = (text, name) => {
  const found = /^(\d{1,16}(?:\.\d{1,6})?) ?([kmgt]i?b|b)?$/i.exec(text)
  const unit = bytesPerUnit[found?.[2]?.toLowerCase() ?? '']
  const bytes = found === null || unit === undefined ? Number.NaN : Math.floor(Number(found[1]) * unit)
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw wrongValue(name, text, 'a size like 10GB, 500MiB or 4096')
  return bytes
}

/** Reads a time-out in milliseconds, from one second to one day: `30s`, `2m`. */
export const timeoutInMs: ParseText<number> = (text, name) => {
  const ms = /^\d{1,6}[smh]$/.test(text) ? parseDuration(text) : Number.NaN
  if (!(ms >= 1000 && ms <= dayMs)) throw wrongValue(name, text, 'a duration like 30s or 2m, a day at most')
  return ms
}

/** Reads a duration in milliseconds within these bounds: `5m`, `1h30m`. */
export function durationInMs(minMs: number, maxMs: number, expected: string): ParseText<number> {
  return (text, name) => {
    const ms = /^(?:\d{1,7}[wdhms])+$/.test(text) ? parseDuration(text) : Number.NaN
    if (!(ms >= minMs && ms <= maxMs)) throw wrongValue(name, text, expected)
    return ms
  }
}

/** Reads the six digits of an MFA device. The message never shows the value, which is a secret. */
export const mfaCode: ParseText<string> = (text, name) => {
  if (!/^\d{6}$/.test(text)) {
    throw new CrosstrailError('usage.invalid-mfa-code', `${name} is not an MFA code, expected six digits`)
  }
  return text
}
