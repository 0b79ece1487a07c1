import { afterAll, beforeAll, expect, test } from 'vitest'
import { fleetVerbs } from '../../../src/fleet/format.ts'
import { describeUnless } from '../../describe-unless.ts'
import { missingRedis } from './redis-server.ts'
import { type FleetWorld, fleetWorld, type LocalRun, runAllLocally } from './fleet-world.ts'
import { differences, runWithKills } from './run-with-kills.ts'

describeUnless(missingRedis, '200 slices of each verb, while one of three workers is killed every 5 s', () => {
  let world: FleetWorld
  let local: ReadonlyMap<string, LocalRun>
  beforeAll(async () => {
    world = await fleetWorld({ logAccounts: 100 })
    local = await runAllLocally(world)
    // So slow that workers are killed in the middle of slices
    world.lab.setFaults({ hook: () => ({ latencyMs: 150 }) })
  })
  afterAll(() => world.stop())

  test('give exactly what a local run gives', async () => {
    let kills = 0
    const runs = await runWithKills(world, fleetVerbs, { everyMs: 5000, onKill: (count) => (kills = count) })
    expect(kills).toBeGreaterThan(3)
    expect(runs.flatMap((run) => differences(run, local.get(run.verb) as LocalRun))).toEqual([])
  })
})
