import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fifo } from '../../src/s3/fifo.ts'

it('returns items in their order, whatever is removed from the middle', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), item: fc.nat(20) }),
    fc.record({ do: fc.constant('shift' as const) }),
    fc.record({ do: fc.constant('take' as const), divisor: fc.integer({ min: 2, max: 5 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const fifo = new Fifo<number>()
      let model: number[] = []
      for (const one of steps) {
        if (one.do === 'push') {
          fifo.push(one.item)
          model.push(one.item)
        } else if (one.do === 'shift') {
          expect(fifo.shift()).toBe(model.shift())
        } else {
          const isMeant = (item: number) => item % one.divisor === 0
          expect(fifo.take(isMeant)).toEqual(model.filter(isMeant))
          model = model.filter((item) => !isMeant(item))
        }
        expect(fifo.size).toBe(model.length)
      }
    }),
  )
})
