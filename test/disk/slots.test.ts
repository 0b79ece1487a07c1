import { expect, test } from 'vitest'
import { Slots } from '../../src/disk/slots.ts'

test('limits the tasks at a time, keeps their order, and frees the slot of a failed one', async () => {
  const slots = new Slots(2)
  const begun: number[] = []
  let atATime = 0
  let most = 0
  const all = [0, 1, 2, 3, 4].map((number) =>
    slots.run(async () => {
      begun.push(number)
      most = Math.max(most, ++atATime)
      await new Promise(setImmediate)
      atATime--
      if (number % 2 === 0) throw new Error(`${number} failed`)
    }),
  )
  const ended = await Promise.allSettled(all)
  expect(begun).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(2)
  expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(3)
})

test('a higher limit admits waiting tasks', async () => {
  const slots = new Slots(0)
  expect(slots.enter()).toBe(false)
  const waiting = slots.room()
  slots.limit = 1
  await waiting
  expect(slots.enter()).toBe(false)
})
