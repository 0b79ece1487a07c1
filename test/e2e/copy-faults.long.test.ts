import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyFault } from '../../src/lab/faults.ts'
import { archive, contentsOf, type CopyWorld, copyWorld, logContents } from './support/copy-world.ts'

let world: CopyWorld

beforeAll(async () => {
  const window = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 1, 4) }
  world = await copyWorld({ sample: { objects: 1_000, digests: true, window }, faults: everyFault(0.05) })
})
afterAll(() => world.stop())

test('every 20th request meeting each of the faults there are, the copies are the logs with their metadata', async () => {
  const { exitCode, stderr } = await world.run([
    'copy',
    'Z',
    '--to',
    archive,
    '--timeout',
    '1s',
    '--max-attempts',
    '20',
  ])
  expect(stderr).not.toMatch(/failed:|cannot go on/)
  expect(exitCode).toBe(0)
  expect(contentsOf(world.archive)).toEqual(logContents(world))
}, 180_000)
