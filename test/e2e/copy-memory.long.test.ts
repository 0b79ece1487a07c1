import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, type CopyWorld, copyWorld, foreignArchive, logContents } from './support/copy-world.ts'

const objects = 40
const sizeBytes = 24 * 1024 ** 2
let world: CopyWorld

beforeAll(async () => {
  world = await copyWorld()
  const body = Buffer.alloc(sizeBytes, 'log')
  for (let at = 10; at < 10 + objects; at++) {
    const key = `AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T00${at}Z_LargeLargeLarge1.json.gz`
    world.lab.bucket().put(key, body)
  }
})
afterAll(() => world.stop())

test.skipIf(process.platform !== 'linux')(
  'a gigabyte of large logs passes from one account to another in less than 400 MB',
  async () => {
    const { child, result } = world.start(['copy', 'Z', '--to', foreignArchive, '--to-account', 'Zarchive'])
    let peakMegabytes = 0
    const watch = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid))), 50)
    const { exitCode } = await result
    clearInterval(watch)
    expect(exitCode).toBe(0)
    expect(contentsOf(world.foreign)).toEqual(logContents(world))
    expect(peakMegabytes).toBeGreaterThan(20)
    expect(peakMegabytes).toBeLessThan(400)
  },
)

/** The peak memory of a process; 0 if it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0
    throw error
  }
}
