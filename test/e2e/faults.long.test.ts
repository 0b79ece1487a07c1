import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyFault } from '../../src/lab/faults.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { leftovers, treeOf } from './support/tree.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 5_000 }, faults: everyFault(0.05) })
})
afterAll(() => world.stop())

test('downloads 5,000 complete logs with every kind of fault on every 20th request', async () => {
  const to = world.newPath()
  const { exitCode, stderr } = await world.run([
    'download',
    '--to',
    to,
    '--timeout',
    '1s',
    '--max-attempts',
    '20',
    '--threads',
    '4',
    // The end of a session fails all calls in progress. With more calls than a session answers here, some run out of attempts
    '--concurrency',
    '16',
  ])
  expect(stderr).not.toMatch(/failed:|account \w+ failed/)
  expect(exitCode).toBe(0)
  expect(treeOf(to)).toEqual(mirrorOf(storedLogs(world.lab)))
  expect(leftovers(to)).toEqual([])
})
