import { expect, test } from 'vitest'
import type { FeedNumbers } from '../../../../src/queue/feed-message.ts'
import type { LeaveReason } from '../../../../src/queue/left-messages.ts'
import { hourMs } from '../../../../src/trail/calendar.ts'
import { AnnouncedLedger } from '../../../../src/verbs/pull/queue/announced-ledger.ts'
import { withQueueFindings } from '../../../../src/verbs/pull/queue/findings.ts'
import type { PullQueue } from '../../../../src/verbs/pull/queue/options.ts'
import type { Finding } from '../../../../src/verbs/pull/report.ts'
import { ScriptedFeed } from './scripted-feed.ts'

function queueWith(stuck: ReadonlyMap<LeaveReason, number>, maxMissed = 0): PullQueue {
  const feed = new ScriptedFeed()
  const numbers: FeedNumbers = { ...feed.numbers(), stuck }
  feed.numbers = () => numbers
  return { feed, ledger: new AnnouncedLedger(0, 300_000), mode: 'list', forMs: 0, foreign: 'leave', maxMissed }
}

test('stuck messages are a finding, with the reasons; those about other keys are none', () => {
  const stuck = new Map<LeaveReason, number>([
    ['unknown', 2],
    ['foreign', 7],
    ['failed', 1],
  ])
  expect(withQueueFindings([], queueWith(stuck), hourMs)).toEqual([
    {
      code: 'pull.stuck-message',
      message:
        '3 messages were delivered too often and not deleted: 2 not understood, 1 about logs that could not be taken',
    },
  ])
  expect(withQueueFindings([], queueWith(new Map([['foreign', 7]])), hourMs)).toEqual([])
})

test.each([
  [0, 1],
  [0.24, 1],
  [0.25, 0],
])('logs that only listings find are a finding if their share is above %d', (maxMissed, count) => {
  const queue = queueWith(new Map(), maxMissed)
  for (const key of ['a', 'b', 'c']) queue.ledger.announced(key, true)
  queue.ledger.listed('d', 0)
  const found = withQueueFindings([], queue, hourMs)
  expect(found).toHaveLength(count)
  if (count > 0) expect(found[0]?.message).toBe('the queue announced 3 of 4 logs; a listing found the rest')
  // A pull that listens repeats the judgment of the last listing.
  expect(withQueueFindings([], { ...queue, mode: 'listen' }, hourMs)).toEqual(found)
})

test('a pull that listens repeats what only a listing can see, until the next listing', () => {
  const queue = queueWith(new Map())
  const silent: Finding = { code: 'pull.silent', message: 'silent' }
  const gap: Finding = { code: 'pull.gap', message: 'gap' }
  withQueueFindings([silent, gap], queue, hourMs)
  expect(withQueueFindings([], { ...queue, mode: 'listen' }, hourMs)).toEqual([silent])
  withQueueFindings([], queue, hourMs)
  expect(withQueueFindings([gap], { ...queue, mode: 'listen' }, hourMs)).toEqual([gap])
})
