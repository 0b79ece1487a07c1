import { expect, test } from 'vitest'
import { ProgressState, progressText, secondsLeft } from '../../../src/cli/render/progress-state.ts'
import type { RunEvent } from '../../../src/work/run-event.ts'
import { failure, object } from '../fixture.ts'

function after(...events: RunEvent[]) {
  let nowMs = 0
  const state = new ProgressState(() => nowMs)
  state.take({ type: 'account-started', account: 'B', logAccounts: 1, slices: 1 })
  nowMs = 1000
  for (const event of events) state.take(event)
  nowMs = 2000
  const [row] = state.rows()
  if (row === undefined) throw new Error('no row')
  return row
}

const listed: RunEvent = { type: 'listed', account: 'B', objects: 4000, bytes: 4e6 }
const finished: RunEvent = { type: 'listing-finished', account: 'B' }
const done: RunEvent = { type: 'outcome', outcome: { status: 'done', account: 'B', object: object(), bytes: 5700 } }

test('during the listing the total is open and no time left is shown', () => {
  expect(progressText(after(listed, done))).toBe('B: 1 of 4,000+ objects, 5.7 kB, 2.9 kB/s')
})

test('shows the time left after the listing', () => {
  expect(progressText(after(listed, finished, done))).toBe('B: 1 of 4,000 objects, 5.7 kB, 2.9 kB/s, 2:13:18 left')
})

test('shows failed objects and a stopped account', () => {
  const failed: RunEvent = {
    type: 'outcome',
    outcome: { status: 'failed', account: 'B', object: object(), error: failure() },
  }
  const stopped: RunEvent = { type: 'account-failed', account: 'B', error: failure() }
  expect(progressText(after(listed, failed, stopped))).toBe('B: 1 of 4,000+ objects, 1 failed, stopped')
})

test('does not count objects that are not selected', () => {
  const foreign: RunEvent = {
    type: 'outcome',
    outcome: { status: 'skipped', account: 'B', object: object(), reason: 'foreign' },
  }
  expect(after(listed, foreign).settled).toBe(0)
})

test('no time is left when all objects are done', () => {
  expect(secondsLeft(after({ ...listed, objects: 1 }, finished, done))).toBeUndefined()
})

test('a complete account keeps its rate while others continue', () => {
  expect(progressText(after({ ...listed, objects: 1 }, finished, done))).toBe('B: 1 of 1 objects, 5.7 kB, 5.7 kB/s')
})
