import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Limits } from '../../src/work/limits.ts'

describe('limits', () => {
  it('never allow more objects or bytes than given, and count across threads', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(1000), fc.array(fc.nat(200)), (maxObjects, maxBytes, sizes) => {
        const limits = new Limits({ maxObjects, maxBytes })
        const elsewhere = new Limits(limits.shared)
        const taken = sizes.filter((size, index) => (index % 2 === 0 ? limits : elsewhere).take(size))
        expect(taken.length).toBeLessThanOrEqual(maxObjects)
        expect(taken.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxBytes)
      }),
    )
  })

  it('do not apply if they are not given', () => {
    const limits = new Limits({})
    expect([limits.take(1e12), limits.take(1e12)]).toEqual([true, true])
  })

  it('subtract nothing for a refused object', () => {
    const limits = new Limits({ maxObjects: 2, maxBytes: 10 })
    expect([limits.take(11), limits.take(10), limits.take(0), limits.take(0)]).toEqual([false, true, true, false])
  })
})
