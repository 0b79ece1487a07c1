import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { AnnouncedLedger } from '../../src/verbs/pull/queue/announced-ledger.ts'
import type { PullQueue } from '../../src/verbs/pull/queue/options.ts'
import { everything } from '../work/run-world.ts'
import { SimulatedQueue } from './simulated-queue.ts'
import { type SimulatedPull, SimulatedTarget, type Weather } from './simulated-target.ts'
import { SimulatedTrail, simulatedDays, startMs } from './simulated-trail.ts'

vi.mock('node:timers/promises', () => import('../queue/fake-sleep.ts'))

/** The number of simulations for each test. */
const cases = Math.ceil(Number(process.env['CROSSTRAIL_MODEL_CASES'] ?? 100) / 8)
/** By the fake timers: each step of a pull takes a millisecond of them. */
const commitEveryMs = 8

interface Storm extends Weather {
  readonly kills: number
  readonly driftMs: number
}

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterAll(() => void vi.useRealTimers())

describe('sixty days of pulls that listen to a queue and sometimes list', () => {
  it('take every log at least once and delete no message too early, however often they are killed', async () => {
    for (let seed = 1; seed <= cases; seed++) {
      const { target, owed, queue } = await live(seed, {
        kills: 0.4,
        faults: 0.02,
        diskFaults: 0.05,
        stops: 0.1,
        driftMs: 2 * dayMs,
      })
      expect(queue.violations, `seed ${seed}`).toEqual([])
      const lost = [...owed].filter((key) => !target.durable.has(key))
      expect(lost, `seed ${seed}`).toEqual([])
      expect(queue.keys, `seed ${seed}`).toEqual([])
    }
  })

  it('take every log exactly once if none is killed', async () => {
    for (let seed = 1; seed <= cases; seed++) {
      const { target, owed, queue, heard } = await live(seed, {
        kills: 0,
        faults: 0.02,
        diskFaults: 0,
        stops: 0.1,
        driftMs: 2 * dayMs,
      })
      expect(queue.violations, `seed ${seed}`).toEqual([])
      const once = [...target.durable].filter(([, count]) => count === 1).map(([key]) => key)
      expect(once.toSorted(), `seed ${seed}`).toEqual([...owed].toSorted())
      expect(target.durable.size, `seed ${seed}`).toBe(owed.size)
      expect(queue.keys, `seed ${seed}`).toEqual([])
      // Otherwise the queue did not matter.
      expect(heard, `seed ${seed}`).toBeGreaterThan(owed.size / 4)
    }
  })
})

/** Simulates the days, then enough time without faults for a last sweep. Returns the logs that must have been taken. */
async function live(seed: number, storm: Storm) {
  const random = seededRandom(seed)
  const trail = new SimulatedTrail(random)
  const target = new SimulatedTarget(trail, random)
  const unsubscribedFromMs = startMs + random() * (simulatedDays - 2) * dayMs
  const queue = new SimulatedQueue(trail, random, [unsubscribedFromMs, unsubscribedFromMs + 2 * dayMs])
  const ledger = new AnnouncedLedger(startMs, 300_000)
  const foreign = random() < 0.5 ? 'ack' : 'leave'
  let driftMs = 0
  let heard = 0
  const request = () => ({
    selection: everything,
    lookBackMs: dayMs,
    sweepMs: 30 * dayMs,
    sweepEveryMs: dayMs,
    verifyLocal: false,
    nowMs: () => trail.nowMs + driftMs,
    sinceMs: startMs - dayMs,
  })
  const pull = async (mode: PullQueue['mode'], weather: Weather, killedAfter?: number) => {
    let isKilled = () => false
    target.lastReport = undefined
    await target.pull(request(), weather, killedAfter, (simulated: SimulatedPull) => {
      ;({ isKilled } = simulated)
      const step = async () => {
        await simulated.step()
        vi.advanceTimersByTime(1)
      }
      const feed = queue.open({ ...simulated, step })
      return { feed, ledger, mode, forMs: 1e9, foreign, commitEveryMs, maxMissed: 1 }
    })
    queue.closed(isKilled())
    heard += reportOf(target)?.heard?.taken ?? 0
  }
  while (trail.nowMs < startMs + simulatedDays * dayMs) {
    driftMs = (random() - 0.5) * storm.driftMs
    const killedAfter = random() < storm.kills ? 1 + Math.floor(random() ** 2 * 120) : Infinity
    await pull(random() < 0.25 ? 'list' : 'listen', storm, killedAfter)
    // Sometimes there is no pull for days.
    trail.advance(random() < 0.05 ? random() * 10 * dayMs : random() * 12 * hourMs)
  }
  for (let days = 0; days < 34; days += 2) {
    trail.advance(2 * dayMs)
    driftMs = 0
    for (const mode of ['list', 'listen'] as const) await pull(mode, { faults: 0, diskFaults: 0, stops: 0 })
  }
  const sinceMs = target.sinceMs ?? 0
  const owed = [...trail.objects.values()].filter(
    ({ key, lastModifiedMs }) => lastModifiedMs >= sinceMs || (trail.stamps.get(key) ?? 0) >= sinceMs,
  )
  return { target, queue, heard, owed: new Set(owed.map(({ key }) => key)) }
}

/** TypeScript does not see that a pull sets it. */
function reportOf({ lastReport }: SimulatedTarget) {
  return lastReport
}
