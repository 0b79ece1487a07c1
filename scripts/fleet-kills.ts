// npm run fleet-kills -- [--rounds 20]: for each verb, three workers share 200 slices, and one of them is killed every 5 s. Exits with 0 only if
// every round gives exactly what a local run gives.
import { parseArgs } from 'node:util'
import { fleetVerbs } from '../src/fleet/format.ts'
import { fleetWorld, runLocally } from '../test/real/redis/fleet-world.ts'
import { differences, runWithKills } from '../test/real/redis/run-with-kills.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is a number, not '${values.rounds}'`)

const world = await fleetWorld({ logAccounts: 100 })
let failed = 0
try {
  for (const verb of fleetVerbs) {
    world.lab.setFaults({})
    const local = await runLocally(world, verb)
    world.lab.setFaults({ hook: () => ({ latencyMs: 400 }) })
    for (let round = 1; round <= rounds; round++) {
      let kills = 0
      const [run] = await runWithKills(world, [verb], { everyMs: 5000, onKill: (count) => (kills = count) })
      if (run === undefined) throw new Error('no run')
      const found = differences(run, local)
      if (found.length > 0) failed++
      console.log(
        `${found.length === 0 ? 'ok  ' : 'FAIL'}  ${verb}, round ${round}: ${kills} kills, ${run.seconds.toFixed(0)} s`,
      )
      for (const line of found) console.log(`      ${line}`)
    }
  }
} finally {
  await world.stop()
}
process.exitCode = failed === 0 ? 0 : 1
