import { afterEach, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

let world: LabWorld
afterEach(() => world.stop())

test.each(['1', '2'])('a run continues if its sessions are revoked repeatedly, with %s threads', async (threads) => {
  world = await labWorld({ sample: { objects: 400 }, latencyMs: 5 })
  let gets = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation === 'GetObject' && ++gets % 100 === 0) world.lab.revokeSessions()
      return undefined
    },
  })
  const to = world.newPath()
  const { exitCode, stderr } = await world.run(['download', '--to', to, '--threads', threads, '--concurrency', '16'])
  expect(stderr).not.toMatch(/failed:|account \w+ failed|bug/)
  expect(exitCode).toBe(0)
  expect(treeOf(to)).toEqual(mirrorOf(storedLogs(world.lab)))
  expect(world.lab.requests.count('AssumeRole')).toBeGreaterThan(4)
})
