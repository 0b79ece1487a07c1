import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { storedLogs } from './support/stored-logs.ts'

const window = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 1, 12) }

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({
    sample: {
      objects: 40,
      digests: true,
      window,
      kinds: ['events'],
      regions: ['us-east-1', 'eu-west-1'],
      logAccounts: ['222222222222', '333333333333'] as unknown as [AccountId, ...AccountId[]],
    },
  })
})
afterAll(() => world.stop())

test('a log that only another account could see is missed all the same, and --fail-on-gap fails for it', async () => {
  const gone = storedLogs(world.lab).find(({ logAccount, kind }) => logAccount === '333333333333' && kind === 'events')
  world.lab.bucket().delete(gone?.key ?? '')
  const pull = ['pull', 'B', 'C', '--to', world.newPath(), '--since', '2026-10-31', '--max-attempts', '2']
  const { exitCode, stderr } = await world.run([...pull, '--fail-on-gap'])
  expect(stderr).toMatch(
    new RegExp(
      `^finding: 333333333333 ${gone?.region} events: a digest lists 1 that the bucket lacks, the first ${gone?.key}`,
      'm',
    ),
  )
  expect(stderr).not.toContain('were not looked for')
  expect(exitCode).toBe(1)
})
