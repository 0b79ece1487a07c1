import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CoveredTime } from '../../../src/verbs/report/covered-time.ts'

const span = fc
  .tuple(fc.nat(60), fc.integer({ min: 0, max: 20 }))
  .map(([start, length]) => [start, start + length] as const)

test('a span is covered exactly if each instant of it is in one of the spans', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), span, (spans, [start, end]) => {
      const time = new CoveredTime()
      for (const [from, to] of spans) time.add(from, to)
      const isIn = (at: number) => spans.some(([from, to]) => at >= from && at < to)
      const instants = Array.from({ length: end - start }, (_, at) => start + at)
      expect(time.covers(start, end)).toBe(instants.every(isIn))
      const ends = spans.filter(([from, to]) => to > from).map(([, to]) => to)
      expect(time.endMs).toBe(ends.length === 0 ? undefined : Math.max(...ends))
    }),
  )
})
