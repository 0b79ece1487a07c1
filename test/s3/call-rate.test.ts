import { describe, expect, it } from 'vitest'
import { CallRate } from '../../src/s3/call-rate.ts'

/** Whether a server takes a call now. */
type Server = (nowMs: number) => boolean

/** So many in each second of the clock, as a counter that starts anew has it. */
function bySecond(limit: number): Server {
  let second = -1
  let calls = 0
  return (nowMs) => {
    if (Math.floor(nowMs / 1000) !== second) calls = 0
    second = Math.floor(nowMs / 1000)
    return ++calls <= limit
  }
}

/** So many a second, a tenth of a second's worth of them at once. */
function byBucket(limit: number): Server {
  let tokens = limit / 10
  let lastMs = 0
  return (nowMs) => {
    tokens = Math.min(limit / 10, tokens + ((nowMs - lastMs) * limit) / 1000)
    lastMs = nowMs
    if (tokens < 1) return false
    tokens--
    return true
  }
}

/** Calls a server for a while, each as soon as it may, at most `atOnce` at a time, and counts. */
function call(
  server: Server,
  { seconds, latencyMs = 2, atOnce = 16 }: { seconds: number; latencyMs?: number; atOnce?: number },
) {
  const rate = new CallRate()
  const ends: { readonly atMs: number; readonly answered: boolean }[] = []
  let [answered, refused] = [0, 0]
  for (let nowMs = 10_000; nowMs < 10_000 + seconds * 1000; nowMs += 0.25) {
    while (ends[0] !== undefined && ends[0].atMs <= nowMs) {
      if (ends.shift()?.answered === true) {
        answered++
        rate.answered(nowMs)
      } else {
        refused++
        rate.refused(nowMs)
      }
    }
    while (ends.length < atOnce && rate.take(nowMs) === 0)
      ends.push({ atMs: nowMs + latencyMs, answered: server(nowMs) })
  }
  return { perSecond: answered / seconds, refusedShare: refused / (answered + refused) }
}

describe('the rate of calls', () => {
  it.each([
    [200, 2],
    [200, 40],
    [500, 40],
    [2000, 2],
  ])('finds a limit of %d in each second, with few refusals, where an answer takes %d ms', (limit, latencyMs) => {
    const { perSecond, refusedShare } = call(bySecond(limit), { seconds: 40, latencyMs, atOnce: 64 })
    expect(perSecond).toBeGreaterThan(limit * 0.85)
    expect(refusedShare).toBeLessThan(0.05)
  })

  it.each([200, 500, 2000])('finds a limit of %d a second that is filled up steadily', (limit) => {
    const { perSecond, refusedShare } = call(byBucket(limit), { seconds: 40 })
    expect(perSecond).toBeGreaterThan(limit * 0.85)
    expect(refusedShare).toBeLessThan(0.12)
  })

  it('is not bound while nothing is refused', () => {
    const rate = new CallRate()
    for (let nowMs = 0; nowMs < 100; nowMs++) {
      expect(rate.take(nowMs)).toBe(0)
      rate.answered(nowMs)
    }
    expect(rate.perSecond(100)).toBe(Infinity)
  })

  it('is not bound by refusals that come by chance: one in twenty', () => {
    let calls = 0
    const { perSecond } = call(() => ++calls % 20 !== 0, { seconds: 30 })
    expect(perSecond).toBeGreaterThan(2000)
  })

  it('finds its way back up when the server has recovered', () => {
    const troubled = byBucket(100)
    const { perSecond } = call((nowMs) => nowMs > 15_000 || troubled(nowMs), { seconds: 30 })
    expect(perSecond).toBeGreaterThan(2000)
  })
})
