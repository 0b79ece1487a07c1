import { measure } from '../measure.ts'
import type { Bench, Row, Section } from '../section.ts'
import { spreadOf } from '../statistics.ts'
import { crosstrail } from '../tools.ts'
import { syntheticTree } from '../trees.ts'
import { withWorld } from '../world.ts'

/** The cost of listing a window with few logs. */
export const quietWindowRow: Row = {
  name: 'quiet-window',
  title: '400 quiet days of 20 log accounts and 17 regions, 30 ms of latency',
  isOwnOnly: true,
  notes: ['`crosstrail list Z --from <400 days ago>`: 340 places, each with a few logs'],
  run: quietWindow,
}

async function quietWindow({ memory, rounds }: Bench): Promise<Section> {
  const logAccounts = 20
  const places = logAccounts * 17
  const tree = syntheticTree(memory, { count: places * 4, logAccounts, days: 400 })
  return withWorld({ ...tree, latencyMs: 30, below: memory }, async ({ env, server }) => {
    const calls: number[] = []
    const walls: number[] = []
    const cpus: number[] = []
    const entrant = crosstrail(env, ['list', 'Z', '--from', '2025-10-01', '--until', '2026-11-05', '--quiet'])
    for (let round = 0; round < rounds; round++) {
      await server.takeListCalls()
      const { wallSeconds, cpuSeconds } = await measure(entrant.command(''), env)
      calls.push(await server.takeListCalls())
      walls.push(wallSeconds)
      cpus.push(cpuSeconds)
    }
    const [wallMedian, callMedian] = [spreadOf(walls).median, spreadOf(calls).median]
    // One page for each place, and before those: the trail's accounts, the folders of each account, the regions of each folder.
    const expected = places + 1 + 2 * logAccounts
    return {
      head: ['', 'LIST calls', 'wall s', 'CPU s'],
      cells: [['crosstrail', `${callMedian}`, wallMedian.toFixed(2), spreadOf(cpus).median.toFixed(2)]],
      verdicts: [
        {
          what: `LIST calls ≤ ${expected}: ${places} places of one page, and ${1 + 2 * logAccounts} to find them`,
          got: `${callMedian}`,
          reached: callMedian <= expected,
        },
        { what: 'wall ≤ 2 s', got: `${wallMedian.toFixed(2)} s`, reached: wallMedian <= 2 },
      ],
    }
  })
}
