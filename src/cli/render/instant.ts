import { dayOf } from '../../trail/time.ts'

const dayMs = 86_400_000
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
/** A listing of a day has instants of two: when logs were delivered, and when they were last changed. */
const dayTexts = new Map<number, string>()
const maxDays = 512

/** The same text as `formatInstant`, ten times faster where the instants lie in few days, as in a listing of millions. */
export function instantText(instantMs: number): string {
  const day = Math.floor(instantMs / dayMs)
  let dayText = dayTexts.get(day)
  if (dayText === undefined) {
    dayText = dayOf(instantMs)
    if (dayTexts.size >= maxDays) dayTexts.clear()
    dayTexts.set(day, dayText)
  }
  const second = Math.floor((instantMs - day * dayMs) / 1000)
  const minute = Math.floor(second / 60)
  return `${dayText}T${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[second % 60]}Z`
}
