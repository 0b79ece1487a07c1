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

test('while the listing goes on the total is open and no time left is told', () => {
  expect(progressText(after(listed, done))).toBe('B: 1 of 4,000+ objects, 5.7 kB, 2.9 kB/s')
})

test('once all is listed the time left is told', () => {
  expect(progressText(after(listed, finished, done))).toBe('B: 1 of 4,000 objects, 5.7 kB, 2.9 kB/s, 2:13:18 left')
})

test('failed objects and a stopped account are told', () => {
  const failed: RunEvent = {
    type: 'outcome',
    outcome: { status: 'failed', account: 'B', object: object(), error: failure() },
  }
  const stopped: RunEvent = { type: 'account-failed', account: 'B', error: failure() }
  expect(progressText(after(listed, failed, stopped))).toBe('B: 1 of 4,000+ objects, 1 failed, stopped')
})

test('objects that were never selected are not counted', () => {
  const foreign: RunEvent = {
    type: 'outcome',
    outcome: { status: 'skipped', account: 'B', object: object(), reason: 'foreign' },
  }
  expect(after(listed, foreign).settled).toBe(0)
})

test('nothing is left when all is done', () => {
  expect(secondsLeft(after({ ...listed, objects: 1 }, finished, done))).toBeUndefined()
})

test('an account that is through keeps its rate while others go on', () => {
  expect(progressText(after({ ...listed, objects: 1 }, finished, done))).toBe('B: 1 of 1 objects, 5.7 kB, 5.7 kB/s')
})
