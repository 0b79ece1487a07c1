import type { LeaveReason } from '../../../queue/left-messages.ts'
import type { Finding } from '../report.ts'
import type { PullQueue } from './options.ts'

/** Why messages stay in a queue, after their number. */
const reasonText: Readonly<Record<LeaveReason, string>> = {
  unknown: 'not understood',
  foreign: 'about keys that this pull does not take',
  absent: 'about logs that the bucket does not have',
  failed: 'about logs that could not be taken',
  interrupted: 'interrupted',
}

/** Only a pull that lists sees these. Until the next listing, pulls that listen repeat them. */
const codesOfListings = new Set<Finding['code']>(['pull.silent', 'pull.lag', 'pull.not-in-bucket'])

/** Adds what a person must know about the queue to the findings of a pull. */
export function withQueueFindings(found: readonly Finding[], queue: PullQueue, nowMs: number): Finding[] {
  const { ledger, mode } = queue
  if (mode === 'list') ledger.listedFindings = found.filter(({ code }) => codesOfListings.has(code))
  const listed = mode === 'list' ? [] : ledger.listedFindings
  return [...found, ...listed, ...queueFindings(queue, nowMs)]
}

/** Says which messages stay in the queues: `3 not understood`. Those about other keys are no failure of this pull. */
export function remainingText({ feed }: Pick<PullQueue, 'feed'>): {
  readonly foreign?: string
  readonly failed?: string
} {
  const { remaining } = feed.numbers()
  const foreign = remaining.get('foreign')
  const failed = [...remaining].filter(([reason]) => reason !== 'foreign')
  return {
    ...(foreign !== undefined && { foreign: `${foreign} ${reasonText.foreign}` }),
    ...(failed.length > 0 && { failed: failed.map(([reason, count]) => `${count} ${reasonText[reason]}`).join(', ') }),
  }
}

/** Returns what a person must know about a queue: messages that stay in it, and logs that it does not announce. A pull that listed judges the latter. */
function queueFindings({ feed, ledger, mode, maxMissed }: PullQueue, nowMs: number): Finding[] {
  const found: Finding[] = []
  const stuck = [...feed.numbers(nowMs).stuck].filter(([reason]) => reason !== 'foreign')
  const count = stuck.reduce((sum, [, some]) => sum + some, 0)
  if (count > 0) {
    const why = stuck.map(([reason, some]) => `${some} ${reasonText[reason]}`).join(', ')
    const message = `${count} ${count === 1 ? 'message was' : 'messages were'} delivered too often and not deleted: ${why}`
    found.push({ code: 'pull.stuck-message', message })
  }
  const { announced, unannounced } = mode === 'list' ? ledger.judge(nowMs) : ledger.judged
  const all = announced + unannounced
  if (all > 0 && unannounced / all > maxMissed) {
    const logs = all === 1 ? '1 log' : `${all} logs`
    found.push({
      code: 'pull.unannounced',
      message: `the queue announced ${announced} of ${logs}; a listing found the rest`,
    })
  }
  return found
}
