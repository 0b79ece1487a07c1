import { dayMs, minuteMs } from '../../trail/calendar.ts'
import { dayOf, formatInstant } from '../../trail/time.ts'
import type { Collector } from './collector.ts'
import type { MapSpan } from './heat-map.ts'

/** With fewer logs, it is not known how often a stream delivers. */
const fewestDays = 7

/** Adds the findings about what streams delivered, and when. Without digests nothing tells a quiet day from a missing one. */
export function noteStreams(
  { streams, findings }: Collector,
  { fromMs, toMs, dueMs }: MapSpan,
  digestsAreChecked: boolean,
): void {
  for (const stream of streams) {
    const { logAccount, region, days, late } = stream
    const place = { logAccount, region }
    const name = `${logAccount}/${region}`
    const stoppedMs = stream.stopped('events', toMs)
    if (stoppedMs !== undefined) {
      const since = formatInstant(stoppedMs)
      const minutes = Math.floor((toMs - stoppedMs) / minuteMs)
      findings.add({
        ...place,
        code: 'report.stopped',
        message: `${name} used to deliver, and stopped: the newest log is of ${since}, ${minutes} minutes before the end`,
        from: since,
        until: formatInstant(toMs),
      })
    }
    const silent = digestsAreChecked ? silentDays(days, { fromMs, toMs, dueMs }) : []
    const [first] = silent
    if (first !== undefined && stoppedMs === undefined) {
      findings.add({
        ...place,
        code: 'report.silent',
        message: `${name} delivered nothing on ${silent.length === 1 ? first : `${silent.length} days, the first ${first}`}, although it delivers on most days, and no proven digest says that nothing happened`,
        from: first,
        until: dayOf(Date.parse(first) + dayMs),
      })
    }
    if (late.logs > 0) {
      const hours = (late.worstMs / (60 * minuteMs)).toFixed(1)
      findings.add({
        ...place,
        code: 'report.late',
        message: `${late.logs === 1 ? 'A log' : `${late.logs} logs`} of ${name} came more than an hour late, the latest by ${hours} hours`,
        key: late.worstKey,
      })
    }
  }
}

/** Days without logs, of a stream that has logs on most days. Others are often quiet, and without digests nothing tells. */
function silentDays(days: Collector['streams'][number]['days'], { fromMs, toMs, dueMs }: MapSpan): string[] {
  const first = Math.floor(Math.max(fromMs, days.firstMs) / dayMs)
  // The last day may still get logs.
  const end = Math.floor(Math.min(toMs, dueMs) / dayMs)
  if (end - first < fewestDays || days.daysWithLogs(first, end) < (end - first) * 0.8) return []
  const found: string[] = []
  for (let day = first; day < end; day++) {
    if (days.stateOf(day, { fromMs, toMs: Math.min(toMs, dueMs) }) === 'silent') found.push(dayOf(day * dayMs))
  }
  return found
}
