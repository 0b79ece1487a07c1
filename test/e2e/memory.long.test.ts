import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { peakMegabytes } from './support/peak-memory.ts'

const keys = 1_000_000
let world: LabWorld

beforeAll(async () => {
  world = await labWorld()
  const bucket = world.lab.bucket()
  bucket.putShared(syntheticKeys({ count: keys }), 'log')
  bucket.keysWithVersions()
})
afterAll(() => world.stop())

test.skipIf(process.platform !== 'linux').each([
  ['as JSON', ['--output', 'json']],
  ['summed up', ['--summary']],
])('lists a million keys %s in less than 250 MB', async (_name, args) => {
  const running = world.start(['list', 'B', ...args], { stdout: 'ignore' })
  const [peak, { exitCode, stderr }] = await Promise.all([peakMegabytes(running), running.result])
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/^B +1,000,000 /m)
  expect(peak).toBeGreaterThan(20)
  expect(peak).toBeLessThan(250)
})
