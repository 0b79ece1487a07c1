import { expect, test } from 'vitest'
import { LeftMessages } from '../../src/queue/left-messages.ts'
import { hourMs, minuteMs } from '../../src/trail/calendar.ts'

test('counts messages by their last reason', () => {
  const left = new LeftMessages()
  left.add('a', 'failed', 1, 0)
  left.add('b', 'failed', 1, 0)
  left.add('a', 'absent', 1, minuteMs)
  expect(Object.fromEntries(left.counts(minuteMs))).toEqual({ absent: 1, failed: 1 })
})

test('forgets a message that was deleted, and one that did not come for an hour', () => {
  const left = new LeftMessages()
  left.add('a', 'failed', 1, 0)
  left.add('b', 'failed', 1, 0)
  left.add('c', 'unknown', 1, minuteMs)
  left.remove('a')
  expect(Object.fromEntries(left.counts(hourMs))).toEqual({ failed: 1, unknown: 1 })
  expect(Object.fromEntries(left.counts(hourMs + 1))).toEqual({ unknown: 1 })
})

test('keeps the ten thousand that came last', () => {
  const left = new LeftMessages()
  left.add('first', 'absent', 1, 0)
  for (let count = 0; count < 10_000; count++) left.add(`m${count}`, 'failed', 1, 0)
  expect(Object.fromEntries(left.counts(0))).toEqual({ failed: 10_000 })
})

test('counts those that were delivered more often than a number of times', () => {
  const left = new LeftMessages()
  left.add('a', 'unknown', 3, 0)
  left.add('b', 'unknown', 4, 0)
  expect(Object.fromEntries(left.counts(0, 3))).toEqual({ unknown: 1 })
  expect(Object.fromEntries(left.counts(0))).toEqual({ unknown: 2 })
})
