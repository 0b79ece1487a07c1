import { minuteMs } from '../../trail/calendar.ts'
import { formatInstant } from '../../trail/time.ts'
import type { StreamCoverage } from './stream-coverage.ts'
import type { Finding } from './report.ts'
import { isLagging, isSilent } from './rhythm.ts'

/**
 * Returns the findings of each stream:
 *
 * | what is seen                                             | finding     |
 * | -------------------------------------------------------- | ----------- |
 * | objects that failed, or are archived                     | pull.gap    |
 * | logs that a digest lists and the bucket does not have    | pull.gap    |
 * | nothing for much longer than ever before (`isSilent`)    | pull.silent |
 * | nothing for longer than `maxLagMs`, and than ever before | pull.lag    |
 *
 * The last two count what is listed, taken or not, and only in streams that the pull listed to their ends. So a full disk or a lost connection
 * here does not make a stream silent.
 */
export function findingsOf(
  streams: readonly StreamCoverage[],
  {
    nowMs,
    maxLagMs,
    wasListed,
    isVerified,
  }: {
    readonly nowMs: number
    readonly maxLagMs?: number | undefined
    readonly wasListed: (stream: StreamCoverage) => boolean
    /** True if the pull verifies: then findings of the verification name logs that digests list and the bucket does not have. */
    readonly isVerified: boolean
  },
): Finding[] {
  const newestDigests = new Map(
    streams
      .filter(({ name }) => name.kind === 'digest')
      .map(({ name, rhythm }) => [`${name.logAccount} ${name.region}`, rhythm.newestMs]),
  )
  return streams.flatMap((stream) => {
    const { name, owed, missing, rhythm, objects } = stream
    const { newestMs } = rhythm
    const found: Finding[] = []
    const add = (code: Finding['code'], message: string): void => void found.push({ ...name, code, message })
    const archived = [...owed.values()].filter(({ why }) => why === 'archived').length
    const failed = owed.size - archived
    if (failed > 0) add('pull.gap', `${logs(failed)} listed but not taken; the next pull tries again`)
    if (archived > 0) add('pull.gap', `${logs(archived)} archived and not taken; restore them first`)
    const [firstMissing] = missing.keys()
    if (firstMissing !== undefined && !isVerified) {
      add('pull.gap', `digests list ${logs(missing.size)} that the bucket does not have, the first ${firstMissing}`)
    }
    if (newestMs === undefined || !wasListed(stream)) return found
    const since = `nothing since ${formatInstant(newestMs)}`
    if (isSilent(rhythm, objects, nowMs)) add('pull.silent', `used to deliver, but has stopped: ${since}`)
    const newestDigestMs = newestDigests.get(`${name.logAccount} ${name.region}`)
    if (maxLagMs !== undefined && isLagging(rhythm, objects, { nowMs, maxLagMs, newestDigestMs })) {
      add('pull.lag', `${since}, ${Math.floor((nowMs - newestMs) / minuteMs)} minutes ago`)
    }
    return found
  })
}

function logs(count: number): string {
  return `${count} ${count === 1 ? 'log' : 'logs'}`
}
