import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoadOfSlice } from '../../src/fleet/worker/load-of-slice.ts'
import { slicesToHold } from '../../src/fleet/worker/slices-to-hold.ts'

const many = { waiting: 1000, workers: 4, most: 8 }

describe('the slices that a worker has in work', () => {
  it('are few if each has calls for all of the worker', () => {
    expect(slicesToHold({ ...many, loadOfSlice: 1 })).toBe(3)
    expect(slicesToHold({ ...many, loadOfSlice: 40 })).toBe(1)
  })

  it('are more if each has few calls, up to the limit', () => {
    expect(slicesToHold({ ...many, loadOfSlice: 0.5 })).toBe(6)
    expect(slicesToHold({ ...many, loadOfSlice: 0.01 })).toBe(8)
    expect(slicesToHold({ ...many, loadOfSlice: 0 })).toBe(8)
  })

  it('are two until the worker knows how many calls a slice has', () => {
    expect(slicesToHold({ ...many, loadOfSlice: undefined })).toBe(2)
    expect(slicesToHold({ ...many, most: 1, loadOfSlice: undefined })).toBe(1)
  })

  it('leave the last ones that wait to other workers, too', () => {
    expect(slicesToHold({ ...many, waiting: 12, loadOfSlice: 0.01 })).toBe(3)
    expect(slicesToHold({ ...many, waiting: 1, loadOfSlice: 0.01 })).toBe(1)
  })

  it('are as many as allowed if there is no other worker', () => {
    expect(slicesToHold({ waiting: 1, workers: 1, most: 8, loadOfSlice: 40 })).toBe(8)
  })

  it('are at least one, and at most the limit', () => {
    const loads = fc.option(fc.double({ min: 0, max: 1000, noNaN: true }), { nil: undefined })
    const workers = fc.integer({ min: 0, max: 1000 })
    const most = fc.integer({ min: 1, max: 64 })
    fc.assert(
      fc.property(fc.nat(), workers, most, loads, (waiting, others, limit, loadOfSlice) => {
        const count = slicesToHold({ waiting, workers: others, most: limit, loadOfSlice })
        expect(Number.isInteger(count)).toBe(true)
        expect(count).toBeGreaterThanOrEqual(1)
        expect(count).toBeLessThanOrEqual(limit)
      }),
    )
  })
})

describe('the load of a slice', () => {
  it('is the mean of ten looks', () => {
    const load = new LoadOfSlice()
    const seen = Array.from({ length: 20 }, (_, look) => load.add(look < 10 ? 4 : 2, 2))
    expect(seen.filter((mean) => mean !== undefined)).toEqual([2, 1])
    expect(seen[9]).toBe(2)
  })

  it('does not count looks without a slice', () => {
    const load = new LoadOfSlice()
    expect(Array.from({ length: 20 }, () => load.add(1, 0))).toEqual(Array(20).fill(undefined))
  })
})
