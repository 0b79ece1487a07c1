import { minuteMs } from '../../trail/calendar.ts'
import { formatInstant } from '../../trail/time.ts'
import type { PlanRequest } from '../../work/plan.ts'
import type { StreamCoverage } from './stream-coverage.ts'
import type { PullRules } from './rules.ts'

/**
 * Lets no stream be listed from the future: an older version believed every LastModified, and where one lay ahead, the logs of the days until
 * then are not listed. The store's clock is asked first, as the clock here may be the one that is wrong. Throws as `listPage` does.
 */
export async function recoverMarks(
  streams: readonly StreamCoverage[],
  { bucket, assignment, listener, signal }: PlanRequest,
  { rules, nowMs }: { readonly rules: PullRules; readonly nowMs: number },
): Promise<void> {
  const suspects = streams.filter((stream) => stream.isAhead(nowMs + minuteMs))
  const [first] = suspects
  if (first === undefined) return
  // Behind the keys of all days: the answer's date is wanted, and no keys.
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
      message: `${stream.prefix} is covered up to ${formatInstant(wasMs)}, and it is ${formatInstant(answeredAtMs)} now: what came since ${from} is looked for again`,
      account: assignment.account,
    })
  }
}
