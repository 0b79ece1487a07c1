import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LongListings } from '../../src/work/long-listings.ts'

function entered(listings: LongListings): number {
  let count = 0
  while (listings.enter()) count++
  return count
}

/** Takes a page every 10 ms of its own clock. */
class Pages {
  isBusy = false
  #nowMs = 0
  readonly listings = new LongListings({ isBusy: () => this.isBusy, nowMs: () => this.#nowMs })

  take(count: number): void {
    for (let page = 0; page < count; page++) {
      this.#nowMs += 10
      this.listings.pageTaken()
    }
  }
}

test('allows two listings at a time while this thread is busy', () => {
  const pages = new Pages()
  pages.isBusy = true
  pages.take(100)
  expect(entered(pages.listings)).toBe(2)
})

test('every 50 ms allows half as many more while this thread has idle time, up to 32, and a third fewer while it is busy', () => {
  const pages = new Pages()
  const { listings } = pages
  pages.take(5)
  expect(entered(listings)).toBe(3)
  pages.take(1)
  expect(entered(listings)).toBe(2)
  pages.take(100)
  expect(entered(listings)).toBe(27)
  pages.isBusy = true
  pages.take(5)
  for (let listing = 0; listing < 32; listing++) listings.leave()
  expect(entered(listings)).toBe(21)
  pages.take(100)
  for (let listing = 0; listing < 21; listing++) listings.leave()
  expect(entered(listings)).toBe(2)
})

test('admits waiting listings in order if one leaves or the limit grows', async () => {
  const pages = new Pages()
  const { listings } = pages
  expect(entered(listings)).toBe(2)
  const admitted: number[] = []
  const waiting = [1, 2, 3].map(async (number) => {
    await listings.room()
    admitted.push(number)
  })
  listings.leave()
  await waiting[0]
  expect(admitted).toEqual([1])
  pages.take(1)
  await waiting[1]
  expect(admitted).toEqual([1, 2])
  expect(listings.enter()).toBe(false)
  listings.leave()
  await waiting[2]
  expect(admitted).toEqual([1, 2, 3])
})

test('admits at once a listing that found no room and asks for it when all others have left', async () => {
  const listings = new LongListings({ isBusy: () => true })
  expect(entered(listings)).toBe(2)
  listings.leave()
  listings.leave()
  await listings.room()
})

test('admits every listing that asks, in whatever order others start, end and take pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('enter', 'wait', 'leave', 'busy page', 'idle page'), { maxLength: 200 }),
      async (steps) => {
        const pages = new Pages()
        const { listings } = pages
        let within = 0
        const waiting: Promise<void>[] = []
        for (const step of steps) {
          if (step === 'enter' && listings.enter()) within++
          if (step === 'wait') waiting.push(listings.room().then(() => void within++))
          if (step === 'leave' && within > 0) {
            within--
            listings.leave()
          }
          pages.isBusy = step === 'busy page'
          if (step.endsWith('page')) pages.take(5)
          await Promise.resolve()
        }
        const all = Promise.all(waiting)
        // One leaves at a time until none is left; then all have been admitted.
        for (; within > 0; within--) {
          listings.leave()
          await new Promise((resolve) => setImmediate(resolve))
        }
        await all
      },
    ),
  )
})
