import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Receipts } from '../../src/queue/receipts.ts'
import { ScriptedQueue } from './scripted-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function open() {
  const queue = new ScriptedQueue()
  const failed: string[] = []
  let kept = 0
  const receipts = new Receipts(queue, { onFailed: ({ code }) => failed.push(code), onKept: () => kept++ })
  return { queue, receipts, failed, kept: () => kept }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`)

test('gathers receipts for a tenth of a second, each kind in one call', async () => {
  const { queue, receipts } = open()
  for (const receipt of ['a', 'b']) receipts.delete(receipt)
  for (const receipt of ['c', 'd']) receipts.leave(receipt, 30)
  receipts.leave('e', 60)
  await vi.advanceTimersByTimeAsync(99)
  expect(queue.batches).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(queue.batches.toSorted((a, b) => a - b)).toEqual([1, 2, 2])
  expect(queue.deleted).toEqual(['a', 'b'])
  expect(queue.extended).toEqual([
    { receipt: 'c', seconds: 30 },
    { receipt: 'd', seconds: 30 },
    { receipt: 'e', seconds: 60 },
  ])
})

test('sends ten receipts at once, without a wait', () => {
  const { queue, receipts } = open()
  for (const receipt of numbered(25)) receipts.delete(receipt)
  expect(queue.batches).toEqual([10, 10])
})

test('sends ten of one time at once, and others with them', async () => {
  const { queue, receipts } = open()
  receipts.delete('a')
  for (const receipt of numbered(10)) receipts.leave(receipt, 30)
  expect(queue.batches).toEqual([1, 10])
  await vi.advanceTimersByTimeAsync(1000)
  expect(queue.batches).toHaveLength(2)
})

test('flush sends the rest, and resolves when the queue has answered all', async () => {
  const { queue, receipts } = open()
  let answer: () => void = () => undefined
  queue.extending = new Promise((resolve) => (answer = resolve))
  for (const receipt of numbered(10)) receipts.leave(receipt, 30)
  receipts.delete('a')
  let isFlushed = false
  const flushed = receipts.flush().then(() => (isFlushed = true))
  await vi.advanceTimersByTimeAsync(5000)
  expect(queue.deleted).toEqual(['a'])
  expect(isFlushed).toBe(false)
  answer()
  await flushed
})

test('has sixteen calls under way at most, and flush waits for all', async () => {
  const { queue, receipts } = open()
  let answer: () => void = () => undefined
  queue.extending = new Promise((resolve) => (answer = resolve))
  for (const receipt of numbered(250)) receipts.leave(receipt, 30)
  expect(queue.batches).toHaveLength(16)
  const flushed = receipts.flush()
  answer()
  await flushed
  expect(queue.batches).toHaveLength(25)
  expect(queue.extended).toHaveLength(250)
})

test('tells each message that stays as it is, and which of them should have been deleted', async () => {
  const { queue, receipts, failed, kept } = open()
  for (const receipt of ['a', 'c']) queue.stubborn.add(receipt)
  for (const receipt of ['a', 'b']) receipts.delete(receipt)
  for (const receipt of ['c', 'd']) receipts.leave(receipt, 30)
  await receipts.flush()
  expect(failed).toEqual(['queue.receipt-expired', 'queue.receipt-expired'])
  expect(kept()).toBe(1)
  expect(queue.deleted).toEqual(['b'])
})
