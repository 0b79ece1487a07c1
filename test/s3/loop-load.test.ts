import { expect, it } from 'vitest'
import { LoopLoad } from '../../src/s3/loop-load.ts'

function work(forMs: number): void {
  const endMs = performance.now() + forMs
  while (performance.now() < endMs);
}

it('a thread that never waits is full', async () => {
  const load = new LoopLoad()
  for (let turn = 0; turn < 10; turn++) {
    work(10)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(load.isFull()).toBe(true)
})

it('a thread that waits is not full', async () => {
  const load = new LoopLoad()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(load.isFull()).toBe(false)
})

it('a thread has time for twice as many tasks if they take half of its time, and for no more tasks if it is full', async () => {
  const load = new LoopLoad()
  expect(load.worthWith(10)).toBe(0)
  for (let turn = 0; turn < 10; turn++) {
    work(20)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const worth = load.worthWith(100)
  expect(worth).toBeGreaterThan(110)
  expect(worth).toBeLessThan(400)
  expect(load.worthWith(1)).toBe(worth)
  for (let turn = 0; turn < 10; turn++) {
    work(20)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(load.worthWith(100)).toBeLessThan(130)
})
