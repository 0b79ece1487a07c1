import { describe, expect, it } from 'vitest'
import { Standstill } from '../../src/s3/standstill.ts'

/** What so many refusals in a row say, the last of them. */
function refuse(standstill: Standstill, times: number, nowMs: number, usual = 0) {
  let said
  for (let time = 0; time < times; time++) said = standstill.add(0, 1, nowMs, () => usual)
  return said
}

function answer(standstill: Standstill): void {
  standstill.add(1, 0, 0, () => 0)
}

describe('calls stand still', () => {
  it('after four refusals in a row, if hardly any is refused otherwise', () => {
    const standstill = new Standstill()
    expect(refuse(standstill, 3, 0)).toBeUndefined()
    expect(refuse(standstill, 1, 0)).toBe('stopped')
    expect(refuse(standstill, 1, 0)).toBe('still-stopped')
  })

  it.each([
    [0.15, 8],
    [0.3, 12],
    [0.6, 28],
  ])('after more, if more are refused otherwise: of a share of %d, %d', (share, row) => {
    const standstill = new Standstill()
    expect(refuse(standstill, row - 1, 0, share)).toBeUndefined()
    expect(refuse(standstill, 1, 0, share)).toBe('stopped')
  })

  it('no more with the first answer, and a row begins anew', () => {
    const standstill = new Standstill()
    refuse(standstill, 4, 0)
    answer(standstill)
    expect(refuse(standstill, 3, 5_000)).toBeUndefined()
    expect(refuse(standstill, 1, 5_000)).toBe('stopped')
  })

  it('in vain, if they do so five times, each soon after the last', () => {
    const standstill = new Standstill()
    const said = [0, 1, 2, 3, 4, 5].map((second) => {
      answer(standstill)
      return refuse(standstill, 4, second * 1000)
    })
    expect(said).toEqual(['stopped', 'stopped-again', 'stopped-again', 'stopped-again', 'in-vain', 'still-stopped'])
  })

  it('with a meaning again sixteen seconds later', () => {
    const standstill = new Standstill()
    for (let second = 0; second < 5; second++) {
      answer(standstill)
      refuse(standstill, 4, second * 1000)
    }
    answer(standstill)
    expect(refuse(standstill, 4, 21_000)).toBe('stopped')
  })
})
