import { describe, expect, it } from 'vitest'
import { CallRate } from '../../src/s3/call-rate.ts'

const startMs = 1_000

/** A rate after two seconds in which this many calls per second were all answered. */
function answeredAt(perSecond: number): CallRate {
  const rate = new CallRate()
  for (let nowMs = startMs; nowMs < startMs + 2_000; nowMs += 1000 / perSecond) {
    rate.take(nowMs)
    rate.answered(nowMs)
  }
  return rate
}

const afterwardsMs = startMs + 2_000

/** Returns how many calls may start in the second after this time. */
function takenFrom(rate: CallRate, fromMs: number): number {
  let taken = 0
  for (let nowMs = fromMs; nowMs < fromMs + 1_000; nowMs++) while (rate.take(nowMs) === 0) taken++
  return taken
}

describe('the rate of calls', () => {
  it('is unlimited while nothing is refused', () => {
    const rate = answeredAt(500)
    expect(rate.perSecond(afterwardsMs)).toBe(Infinity)
    expect(rate.take(afterwardsMs)).toBe(0)
  })

  it('never exceeds what the caller allows, whatever the server answers', () => {
    const rate = new CallRate()
    let taken = 0
    for (let nowMs = startMs; nowMs < startMs + 1_000; nowMs++) {
      while (rate.take(nowMs, 50) === 0) {
        taken++
        rate.answered(nowMs)
      }
    }
    expect(taken).toBeGreaterThan(45)
    expect(taken).toBeLessThanOrEqual(52)
  })

  it('is four fifths of the answered rate after a slow-down, and nearly all of it once that has helped', () => {
    const rate = answeredAt(500)
    rate.slow(0, afterwardsMs)
    expect(rate.perSecond(afterwardsMs)).toBeCloseTo(400, -1)
    expect(takenFrom(rate, afterwardsMs)).toBeCloseTo(400, -1.6)
    rate.settle(afterwardsMs)
    expect(rate.perSecond(afterwardsMs)).toBeCloseTo(465, -1)
  })

  it('counts calls that are refused at any rate as answered', () => {
    const rate = answeredAt(500)
    rate.slow(0.5, afterwardsMs)
    expect(rate.perSecond(afterwardsMs)).toBeCloseTo(800, -1.3)
  })

  it('can be restored', () => {
    const rate = answeredAt(500)
    const kept = rate.kept
    rate.slow(0, afterwardsMs)
    rate.goBackTo(kept, afterwardsMs)
    expect(rate.perSecond(afterwardsMs)).toBe(Infinity)
  })

  it('grows by 2 % per second for four and a half seconds, then by 50 %', () => {
    const rate = answeredAt(500)
    rate.slow(0, afterwardsMs)
    const first = rate.perSecond(afterwardsMs)
    expect(rate.perSecond(afterwardsMs + 4_500)).toBeCloseTo(first * 1.09, 5)
    expect(rate.perSecond(afterwardsMs + 6_500)).toBeCloseTo(first * 1.09 * 1.5 ** 2, 5)
  })

  it('halves every tenth of a second during a standstill, and is restored by the first answer', () => {
    const rate = answeredAt(500)
    rate.stop(0, afterwardsMs)
    const braked = rate.perSecond(afterwardsMs)
    for (let nowMs = afterwardsMs; nowMs < afterwardsMs + 300; nowMs += 5) rate.brake(nowMs)
    expect(rate.perSecond(afterwardsMs)).toBeCloseTo(braked / 4, 5)
    rate.answered(afterwardsMs + 300)
    expect(rate.perSecond(afterwardsMs)).toBeCloseTo(braked * 2, 5)
    expect(rate.take(afterwardsMs + 300)).toBe(0)
  })

  it('never falls below ten per second except during a standstill', () => {
    const rate = new CallRate()
    rate.take(startMs)
    rate.slow(0, startMs)
    rate.slow(0, startMs)
    expect(rate.perSecond(startMs)).toBe(10)
  })
})
