import { describe, expect, it } from 'vitest'
import { Standstill } from '../../src/s3/standstill.ts'

/** Returns the result of the last of this many consecutive refusals. */
function refuse(standstill: Standstill, times: number, nowMs: number, usual = 0) {
  let said
  for (let time = 0; time < times; time++) said = standstill.add(0, 1, nowMs, () => usual)
  return said
}

function answer(standstill: Standstill): void {
  standstill.add(1, 0, 0, () => 0)
}

describe('a standstill', () => {
  it('begins after four consecutive refusals if refusals are rare otherwise', () => {
    const standstill = new Standstill()
    expect(refuse(standstill, 3, 0)).toBeUndefined()
    expect(refuse(standstill, 1, 0)).toBe('stopped')
    expect(refuse(standstill, 1, 0)).toBe('still-stopped')
  })

  it.each([
    [0.15, 8],
    [0.3, 12],
    [0.6, 28],
  ])('begins after more refusals if more are refused otherwise: with a share of %d, after %d', (share, row) => {
    const standstill = new Standstill()
    expect(refuse(standstill, row - 1, 0, share)).toBeUndefined()
    expect(refuse(standstill, 1, 0, share)).toBe('stopped')
  })

  it('ends with the first answer, and counting starts again', () => {
    const standstill = new Standstill()
    refuse(standstill, 4, 0)
    answer(standstill)
    expect(refuse(standstill, 3, 5_000)).toBeUndefined()
    expect(refuse(standstill, 1, 5_000)).toBe('stopped')
  })

  it('counts as in vain the fifth time, each soon after the last', () => {
    const standstill = new Standstill()
    const said = [0, 1, 2, 3, 4, 5].map((second) => {
      answer(standstill)
      return refuse(standstill, 4, second * 1000)
    })
    expect(said).toEqual(['stopped', 'stopped-again', 'stopped-again', 'stopped-again', 'in-vain', 'still-stopped'])
  })

  it('counts again sixteen seconds later', () => {
    const standstill = new Standstill()
    for (let second = 0; second < 5; second++) {
      answer(standstill)
      refuse(standstill, 4, second * 1000)
    }
    answer(standstill)
    expect(refuse(standstill, 4, 21_000)).toBe('stopped')
  })
})
