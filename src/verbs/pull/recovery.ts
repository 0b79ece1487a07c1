import { minuteMs } from '../../trail/calendar.ts'
import { formatInstant } from '../../trail/time.ts'
import type { PlanRequest } from '../../work/plan.ts'
import type { StreamCoverage } from './stream-coverage.ts'
import type { PullRules } from './rules.ts'

/**
 * Corrects marks in the future. An older version trusted every LastModified, and after one in the future it would not list the logs of the days
 * until then. It asks the store's clock first, because this machine's clock may be the wrong one. Throws what `listPage` throws.
 */
export async function recoverMarks(
  streams: readonly StreamCoverage[],
  { bucket, assignment, listener, signal }: PlanRequest,
  { rules, nowMs }: { readonly rules: PullRules; readonly nowMs: number },
): Promise<void> {
  const suspects = streams.filter((stream) => stream.isAhead(nowMs + minuteMs))
  const [first] = suspects
  if (first === undefined) return
  // Lists after the keys of all days, because only the date of the answer is needed.
  const { answeredAtMs } = await bucket.listPage({ prefix: first.prefix, startAfter: `${first.prefix}~` }, signal)
  for (const stream of suspects) {
    if (!stream.isAhead(answeredAtMs + minuteMs)) continue
    const { throughMs, sweptMs } = stream.marks
    const wasMs = Math.max(throughMs ?? 0, sweptMs ?? 0, stream.rhythm.newestMs ?? 0)
    stream.recover(answeredAtMs, rules)
    const from = stream.marks.throughMs === undefined ? 'the beginning' : formatInstant(stream.marks.throughMs)
    listener({
      type: 'note',
      level: 'warning',
      code: 'pull.coverage-ahead',
      message: `the coverage of ${stream.prefix} reaches ${formatInstant(wasMs)}, but it is only ${formatInstant(answeredAtMs)}: pull looks again for logs that came since ${from}`,
      account: assignment.account,
    })
  }
}
