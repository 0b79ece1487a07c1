import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LongListings } from '../../src/work/long-listings.ts'

function entered(listings: LongListings): number {
  let count = 0
  while (listings.enter()) count++
  return count
}

test('two listings at a time go on while this thread has no time to spare', () => {
  const listings = new LongListings({ isBusy: () => true })
  for (let page = 0; page < 100; page++) listings.pageTaken()
  expect(entered(listings)).toBe(2)
})

test('with each page one more may go on while it has time to spare, up to 32, and one less where it has none', () => {
  let isBusy = false
  const listings = new LongListings({ isBusy: () => isBusy })
  listings.pageTaken()
  expect(entered(listings)).toBe(3)
  for (let page = 0; page < 100; page++) listings.pageTaken()
  expect(entered(listings)).toBe(29)
  isBusy = true
  for (let page = 0; page < 30; page++) listings.pageTaken()
  for (let listing = 0; listing < 32; listing++) listings.leave()
  expect(entered(listings)).toBe(2)
})

test('those that wait are let in, the first one first, by one that leaves and by a bound that grows', async () => {
  const listings = new LongListings({ isBusy: () => false })
  expect(entered(listings)).toBe(2)
  const admitted: number[] = []
  const waiting = [1, 2, 3].map(async (number) => {
    await listings.room()
    admitted.push(number)
  })
  listings.leave()
  await waiting[0]
  expect(admitted).toEqual([1])
  listings.pageTaken()
  await waiting[1]
  expect(admitted).toEqual([1, 2])
  expect(listings.enter()).toBe(false)
  listings.leave()
  await waiting[2]
  expect(admitted).toEqual([1, 2, 3])
})

test('one that found no room, and asks for it only when all others have left, is let in at once', async () => {
  const listings = new LongListings({ isBusy: () => true })
  expect(entered(listings)).toBe(2)
  listings.leave()
  listings.leave()
  await listings.room()
})

test('whoever asks for room gets it, in whatever order others come, go and take pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('enter', 'wait', 'leave', 'busy page', 'idle page'), { maxLength: 200 }),
      async (steps) => {
        let isBusy = true
        const listings = new LongListings({ isBusy: () => isBusy })
        let within = 0
        const waiting: Promise<void>[] = []
        for (const step of steps) {
          if (step === 'enter' && listings.enter()) within++
          if (step === 'wait') waiting.push(listings.room().then(() => void within++))
          if (step === 'leave' && within > 0) {
            within--
            listings.leave()
          }
          isBusy = step === 'busy page'
          if (step.endsWith('page')) listings.pageTaken()
          await Promise.resolve()
        }
        const all = Promise.all(waiting)
        // One leaves at a time, until nobody is left within; then all have been there.
        for (; within > 0; within--) {
          listings.leave()
          await new Promise((resolve) => setImmediate(resolve))
        }
        await all
      },
    ),
  )
})
