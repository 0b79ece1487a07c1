import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { CallBounds } from '../../src/s3/call-bounds.ts'
import { CallTally } from '../../src/s3/call-tally.ts'
import {
  allOf,
  atRandom,
  byBucket,
  bySecond,
  outage,
  type Server,
  simulate,
  standstills,
  until,
  type Work,
} from './simulated-server.ts'

type Making = (random: () => number) => Server

/** The median of several simulations: how much longer the paced calls take than a plain loop with the same concurrency. */
function slowdownOf(server: Making, work: Omit<Work, 'random'>): number {
  const ratios = [1, 2, 3, 4, 5].map((seed) => {
    const [paced, plain] = [false, true].map((isPlain) => {
      const random = seededRandom(seed)
      return simulate(server(random), { ...work, random, plain: isPlain }).seconds
    })
    return (paced ?? NaN) / (plain ?? NaN)
  })
  return ratios.toSorted((a, b) => a - b)[2] ?? NaN
}

function simulated(server: Making, work: Omit<Work, 'random'>) {
  const random = seededRandom(7)
  return simulate(server(random), { ...work, random })
}

const near = { concurrency: 64, latencyMs: 2 }
const far = { concurrency: 256, latencyMs: 30 }
const places = { near, far, 'for two threads': { concurrency: 256, latencyMs: 10, clients: 2 } } as const
type Place = keyof typeof places

describe('calls that are refused at random', () => {
  it.each<[number, Place]>([
    [5, 'near'],
    [15, 'near'],
    [30, 'near'],
    [60, 'near'],
    [5, 'far'],
    [15, 'far'],
    [30, 'far'],
    [60, 'far'],
    [15, 'for two threads'],
    [30, 'for two threads'],
  ])('take at most half longer than in a plain loop: %d in 100, %s', (percent, place) => {
    const work = { ...places[place], calls: percent > 30 ? 3_000 : 20_000 }
    expect(slowdownOf((random) => atRandom(percent / 100, random), work)).toBeLessThan(1.5)
  })

  it('take no longer if there are few of them', () => {
    expect(slowdownOf((random) => atRandom(0.15, random), { ...far, calls: 3_000 })).toBeLessThan(1.5)
  })

  it.each([1_000, 3_000])('take no longer if a tenth of every %d ms is refused', (everyMs) => {
    const server = () => standstills(everyMs, everyMs / 10)
    const work = { ...far, seconds: 40 }
    const plain = simulated(server, { ...work, plain: true }).perSecond(5, 40)
    expect(simulated(server, work).perSecond(5, 40)).toBeGreaterThan(plain / 1.5)
  })
})

describe('calls to a server with a limit', () => {
  it.each<[number, Place]>([
    [200, 'near'],
    [500, 'near'],
    [2_000, 'near'],
    [200, 'far'],
    [500, 'far'],
    [2_000, 'far'],
    [500, 'for two threads'],
    [2_000, 'for two threads'],
  ])('use about the limit of each second, with few refusals: %d, %s', (limit, place) => {
    const { perSecond, refusedShare } = simulated(() => bySecond(limit), { ...places[place], seconds: 40 })
    expect(perSecond(0, 40)).toBeGreaterThan(limit * 0.85)
    expect(refusedShare(0, 40)).toBeLessThan(0.05)
  })

  it.each<[number, Place]>([
    [200, 'near'],
    [500, 'far'],
    [2_000, 'far'],
    [2_000, 'for two threads'],
  ])('use about the limit of a steady rate, with few refusals: %d, %s', (limit, place) => {
    const { perSecond, refusedShare } = simulated(() => byBucket(limit), { ...places[place], seconds: 40 })
    expect(perSecond(0, 40)).toBeGreaterThan(limit * 0.85)
    expect(refusedShare(0, 40)).toBeLessThan(0.05)
  })

  it.each<[number, Place]>([
    [200, 'near'],
    [500, 'far'],
    [2_000, 'for two threads'],
  ])('find the limit if unused calls are saved up for a second: %d, %s', (limit, place) => {
    const { perSecond, refusedShare } = simulated(() => byBucket(limit, limit), { ...places[place], seconds: 40 })
    expect(perSecond(0, 40)).toBeGreaterThan(limit * 0.95)
    expect(refusedShare(5, 40)).toBeLessThan(0.08)
  })

  it.each([5, 15, 30])('find the limit among random refusals: %d in 100', (percent) => {
    const server: Making = (random) => allOf(atRandom(percent / 100, random), byBucket(500))
    const { perSecond, refusedShare } = simulated(server, { ...far, seconds: 60 })
    expect(perSecond(10, 60)).toBeGreaterThan(500 * 0.5)
    expect(refusedShare(10, 60)).toBeLessThan(percent / 100 + 0.1)
  })

  it.each([5, 15, 30])('find a limit that starts after random refusals: %d in 100', (percent) => {
    const server: Making = (random) => until(20, atRandom(percent / 100, random), byBucket(500))
    const { perSecond, refusedShare } = simulated(server, { ...far, seconds: 60 })
    expect(perSecond(23, 60)).toBeGreaterThan(500 * 0.85)
    // What was accepted before is accepted for a while.
    expect(refusedShare(25, 60)).toBeLessThan(0.25)
    expect(refusedShare(45, 60)).toBeLessThan(0.08)
  })

  it('find a limit that starts after a while without refusals', () => {
    const { perSecond, refusedShare } = simulated(() => until(20, () => true, bySecond(500)), { ...far, seconds: 60 })
    expect(perSecond(23, 60)).toBeGreaterThan(500 * 0.85)
    expect(refusedShare(25, 60)).toBeLessThan(0.05)
  })

  it('become many again when the limit ends, even with random refusals from then on', () => {
    const gone = simulated(() => until(20, byBucket(500), () => true), { ...far, seconds: 40 })
    expect(gone.perSecond(30, 40)).toBeGreaterThan(6_000)
    const random = simulated((dice) => until(20, byBucket(500), atRandom(0.15, dice)), { ...far, seconds: 40 })
    expect(random.perSecond(32, 40)).toBeGreaterThan(2_000)
  })
})

describe('calls to a server that refuses everything for ten seconds', () => {
  it('are almost stopped meanwhile, and all repeated afterwards', () => {
    const work = { ...far, seconds: 40 }
    const down = simulated(() => outage(10, 20), work)
    expect(down.perSecond(5, 10)).toBeGreaterThan(8_000)
    // The 256 refused calls wait up to 20 s each before they are repeated.
    expect(down.refused(10.1, 20)).toBeLessThan(4_000)
    expect(down.perSecond(30, 40)).toBeGreaterThan(7_000)
  })

  it('resume soon afterwards even if nothing was ever answered before', () => {
    const { perSecond } = simulated(() => outage(0, 10), { ...far, seconds: 40 })
    expect(perSecond(15, 20)).toBeGreaterThan(3_000)
    expect(perSecond(30, 40)).toBeGreaterThan(8_000)
  })
})

describe('the limit of concurrent calls', () => {
  const bounds = (initialConcurrency: number) =>
    new CallBounds({ maxConcurrency: 64, initialConcurrency, worthWith: () => Infinity, tally: new CallTally() })

  it('grows by one with each answer at first, despite a few refusals', () => {
    const one = bounds(16)
    for (let nowMs = 0; nowMs < 40; nowMs++) {
      if (nowMs % 10 === 0) one.refused(nowMs)
      else one.answered(nowMs)
    }
    expect(one.limit).toBe(16 + 36)
  })

  it('halves at a standstill, and then grows by eight per round', () => {
    const one = bounds(16)
    for (let call = 0; call < 30; call++) one.refused(0)
    expect(one.limit).toBe(8)
    for (let call = 0; call < 9; call++) one.answered(1)
    expect(one.limit).toBe(14)
  })

  it('never falls below one', () => {
    const one = bounds(2)
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) one.refused(nowMs)
    expect(one.limit).toBe(1)
  })

  it('is restored after a minute of answers, whatever was refused before', () => {
    const seconds = fc.record({ refusedShare: fc.double({ min: 0, max: 1, noNaN: true }), calls: fc.nat({ max: 300 }) })
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 20 }), fc.integer(), (past, seed) => {
        const random = seededRandom(seed)
        const one = bounds(16)
        let nowMs = 1_000_000
        for (const { refusedShare, calls } of past) {
          for (let call = 0; call < calls; call++) {
            one.take(nowMs + (call / calls) * 1000)
            if (random() < refusedShare) one.refused(nowMs + (call / calls) * 1000)
            else one.answered(nowMs + (call / calls) * 1000)
            expect(one.limit).toBeGreaterThanOrEqual(1)
            expect(one.limit).toBeLessThanOrEqual(64)
          }
          nowMs += 1000
        }
        for (let call = 0; call < 3_000; call++) one.answered((nowMs += 20))
        expect(one.limit).toBe(64)
        for (let call = 0; call < 64; call++) expect(one.take(nowMs)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})
