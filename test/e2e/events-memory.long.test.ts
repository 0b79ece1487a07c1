import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peakMegabytes } from './support/peak-memory.ts'
import { eventRecord } from './support/event-folder.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const perLog = 1000
let world: LabWorld
let few: string
let many: string

beforeAll(async () => {
  world = await labWorld()
  few = logs(10)
  many = logs(1000)
})
afterAll(() => world.stop())

/** A folder of logs of 1000 records each, all different. */
function logs(count: number): string {
  const folder = world.newPath()
  mkdirSync(folder)
  const template = Array.from({ length: perLog }, (_, at) =>
    eventRecord(at, { eventID: `LOG-${at}`, eventName: `Call${at % 50}` }),
  )
  const text = JSON.stringify({ Records: template })
  for (let log = 0; log < count; log++) {
    const bytes = gzipSync(text.replaceAll('"LOG-', `"${log}-`), { level: 1 })
    writeFileSync(join(folder, `log-${String(log).padStart(4, '0')}.json.gz`), bytes)
  }
  return folder
}

test.skipIf(process.platform !== 'linux').each([
  ['as records', []],
  ['as fields in CSV', ['--fields', 'eventTime,user,eventName', '--output', 'csv']],
  ['counted', ['--count-by', 'eventName']],
  ['sorted', ['--sort', 'time']],
])('a million records %s need less than 300 MB, as ten thousand do', async (_how, args) => {
  for (const [folder, records] of [
    [few, '10,000'],
    [many, '1,000,000'],
  ] as const) {
    const running = world.start(['events', '--dir', folder, ...args], { stdout: 'ignore' })
    const [peak, { exitCode, stderr }] = await Promise.all([peakMegabytes(running), running.result])
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`read ${records} records`)
    expect(stderr).toMatch(new RegExp(`; ${records} (?:shown|counted)`))
    expect(peak).toBeGreaterThan(20)
    expect(peak).toBeLessThan(300)
  }
})
