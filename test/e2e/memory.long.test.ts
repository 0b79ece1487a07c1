import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

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
  const { child, result } = world.start(['list', 'B', ...args], { stdout: 'ignore' })
  let peakMegabytes = 0
  const watch = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid))), 100)
  const { exitCode, stderr } = await result
  clearInterval(watch)
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/^B +1,000,000 /m)
  expect(peakMegabytes).toBeGreaterThan(20)
  expect(peakMegabytes).toBeLessThan(250)
})

/** The peak memory of a process; 0 if it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0
    throw error
  }
}
