import { expect, test } from 'vitest'
import { StuckMessages } from '../../src/queue/stuck-messages.ts'
import { hourMs, minuteMs } from '../../src/trail/calendar.ts'

test('counts messages by their last reason', () => {
  const stuck = new StuckMessages()
  stuck.add('a', 'failed', 0)
  stuck.add('b', 'failed', 0)
  stuck.add('a', 'absent', minuteMs)
  expect(Object.fromEntries(stuck.counts(minuteMs))).toEqual({ absent: 1, failed: 1 })
})

test('forgets a message that was deleted, and one that did not come for an hour', () => {
  const stuck = new StuckMessages()
  stuck.add('a', 'failed', 0)
  stuck.add('b', 'failed', 0)
  stuck.add('c', 'unknown', minuteMs)
  stuck.remove('a')
  expect(Object.fromEntries(stuck.counts(hourMs))).toEqual({ failed: 1, unknown: 1 })
  expect(Object.fromEntries(stuck.counts(hourMs + 1))).toEqual({ unknown: 1 })
})

test('keeps the ten thousand that came last', () => {
  const stuck = new StuckMessages()
  stuck.add('first', 'absent', 0)
  for (let count = 0; count < 10_000; count++) stuck.add(`m${count}`, 'failed', 0)
  expect(Object.fromEntries(stuck.counts(0))).toEqual({ failed: 10_000 })
})
