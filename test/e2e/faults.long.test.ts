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

test('5,000 logs are fetched whole while every 20th request meets each of the faults there are', async () => {
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
    // A session that ends fails all calls in flight. With more of them than a session answers here, calls run out of attempts.
    '--concurrency',
    '16',
  ])
  expect(stderr).not.toMatch(/failed:|account \w+ failed/)
  expect(exitCode).toBe(0)
  expect(treeOf(to)).toEqual(mirrorOf(storedLogs(world.lab)))
  expect(leftovers(to)).toEqual([])
})
