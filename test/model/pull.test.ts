import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { everything } from '../work/run-world.ts'
import { SimulatedTarget } from './simulated-target.ts'
import { SimulatedTrail, simulatedDays, startMs } from './simulated-trail.ts'

/** The number of simulations for each test. */
const cases = Number(process.env['CROSSTRAIL_MODEL_CASES'] ?? 100)
const lookBackMs = dayMs
const sweepMs = 30 * dayMs

interface Storm {
  readonly kills: number
  readonly faults: number
  readonly diskFaults: number
  readonly stops: number
  readonly driftMs: number
}

describe('sixty days of pulls', () => {
  it('take every log at least once, however often they are killed', async () => {
    for (let seed = 1; seed <= cases; seed++) {
      const { target, owed } = await live(seed, {
        kills: 0.4,
        faults: 0.02,
        diskFaults: 0.05,
        stops: 0.1,
        driftMs: 2 * dayMs,
      })
      const lost = [...owed].filter((key) => !target.durable.has(key))
      expect(lost, `seed ${seed}`).toEqual([])
    }
  })

  it('take every log exactly once if none is killed', async () => {
    for (let seed = 1; seed <= cases; seed++) {
      const { target, owed } = await live(seed, {
        kills: 0,
        faults: 0.02,
        diskFaults: 0,
        stops: 0.1,
        driftMs: 2 * dayMs,
      })
      const once = [...target.durable].filter(([, count]) => count === 1).map(([key]) => key)
      expect(once.toSorted(), `seed ${seed}`).toEqual([...owed].toSorted())
      expect(target.durable.size, `seed ${seed}`).toBe(owed.size)
    }
  })
})

/** Simulates the days, then enough time without faults for a last sweep. Returns the logs that must have been taken. */
async function live(seed: number, storm: Storm): Promise<{ target: SimulatedTarget; owed: Set<string> }> {
  const random = seededRandom(seed)
  const trail = new SimulatedTrail(random)
  const target = new SimulatedTarget(trail, random)
  let driftMs = 0
  const request = () => ({
    selection: everything,
    lookBackMs,
    sweepMs,
    sweepEveryMs: dayMs,
    verifyLocal: false,
    nowMs: () => trail.nowMs + driftMs,
    sinceMs: startMs - dayMs,
  })
  const endMs = startMs + simulatedDays * dayMs
  while (trail.nowMs < endMs) {
    driftMs = (random() - 0.5) * storm.driftMs
    const killedAfter = random() < storm.kills ? 1 + Math.floor(random() ** 2 * 120) : Infinity
    await target.pull(request(), storm, killedAfter)
    // Sometimes there is no pull for days.
    trail.advance(random() < 0.05 ? random() * 10 * dayMs : random() * 36 * hourMs)
  }
  for (let days = 0; days < 34; days += 2) {
    trail.advance(2 * dayMs)
    driftMs = 0
    await target.pull(request(), { faults: 0, diskFaults: 0, stops: 0 })
  }
  const sinceMs = target.sinceMs ?? 0
  const owed = [...trail.objects.values()].filter(
    ({ key, lastModifiedMs }) => lastModifiedMs >= sinceMs || (trail.stamps.get(key) ?? 0) >= sinceMs,
  )
  return { target, owed: new Set(owed.map(({ key }) => key)) }
}
