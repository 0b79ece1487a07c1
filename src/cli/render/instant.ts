import { dayMs } from '../../trail/calendar.ts'
import { dayOf } from '../../trail/time.ts'

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const minuteTexts = Array.from(
  { length: 24 * 60 },
  (_, minute) => `T${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:`,
)
const secondTexts = twoDigits.map((digits) => `${digits}Z`)

/** The last day. Most calls are for the same one. */
let last = { day: Number.NaN, text: '' }

/** The same text as `formatInstant`, from three prepared pieces. Fifteen times faster if the instants are in few days, as in a listing of millions. */
export function instantText(instantMs: number): string {
  const day = Math.floor(instantMs / dayMs)
  if (day !== last.day) last = { day, text: dayOf(instantMs) }
  const second = Math.floor((instantMs - day * dayMs) / 1000)
  const minute = Math.floor(second / 60)
  const timeOfDay = `${minuteTexts[minute]}${secondTexts[second - minute * 60]}`
  return `${last.text}${timeOfDay}`
}
