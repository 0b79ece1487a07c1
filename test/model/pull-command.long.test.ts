import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { CommandedTarget, type CommandWeather, sinceMs } from './commanded-target.ts'
import { SimulatedTrail, simulatedDays, startMs } from './simulated-trail.ts'

const quiet: CommandWeather = { faults: 0, kills: 0, driftMs: 0 }

describe.concurrent('sixty days of pulls by the built command', () => {
  it('take every log at least once, however often they are killed', async () => {
    const { target, status, owed } = await live(1, { faults: 0.015, kills: 0.6, driftMs: 2 * dayMs })
    expect(target.kills).toBeGreaterThan(4)
    expect(owed.filter((key) => !target.taken.has(key))).toEqual([])
    expect(status).toEqual({ objects: owed.length, gaps: 0, leftovers: [] })
  })

  it('take every log exactly once if none is killed', async () => {
    const { target, status, owed } = await live(2, { faults: 0.015, kills: 0, driftMs: 2 * dayMs })
    expect(target.pulls).toBeGreaterThan(12)
    expect(Object.fromEntries(target.taken)).toEqual(Object.fromEntries(owed.map((key) => [key, 1])))
    expect(status).toEqual({ objects: owed.length, gaps: 0, leftovers: [] })
  })
})

/** Simulates the days, then a month without faults for late logs. `owed` are the logs that must have been taken. */
async function live(seed: number, weather: CommandWeather) {
  const trail = new SimulatedTrail(seededRandom(seed))
  // The number of requests to the trail varies with the network, so random numbers here come from another generator.
  const random = seededRandom(-seed)
  const target = await CommandedTarget.open(trail, random)
  try {
    while (trail.nowMs < startMs + simulatedDays * dayMs) {
      await target.pull(weather)
      trail.advance(random() < 0.3 ? random() * 20 * hourMs : random() * 9 * dayMs)
    }
    for (let round = 0; round < 2; round++) {
      trail.advance(17 * dayMs)
      await target.pull(quiet)
    }
    const owed = [...trail.objects.values()].filter(
      ({ key, lastModifiedMs }) => lastModifiedMs >= sinceMs || (trail.stamps.get(key) ?? 0) >= sinceMs,
    )
    return { target, status: await target.status(), owed: owed.map(({ key }) => key) }
  } finally {
    await target.close()
  }
}
