import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { clockFrom } from './support/shifted-clock.ts'
import { keysOf, storedLogs } from './support/stored-logs.ts'
import { filesOf } from './support/tree.ts'

/** The time of the lab and of the command. */
const startMs = Date.UTC(2026, 10, 8)
let nowMs = startMs
let world: LabWorld

beforeAll(async () => {
  world = await labWorld({
    sample: { objects: 40, foreign: false },
    now: () => nowMs,
    dates: () => startMs + 2 * dayMs,
  })
})
afterAll(() => world.stop())
beforeEach(() => {
  nowMs = startMs
  world.lab.requests.clear()
})

const run = (args: readonly string[]) => world.run(args, { env: clockFrom(nowMs) })
const pullTo = (to: string) => ['pull', 'Z', '--to', to, '--since', '2026-10-31']
const coverageOf = (to: string) => join(to, '.crosstrail', 'coverage.json')

test.each([
  [
    'cut in half',
    /is incomplete|does not match its checksum/,
    (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 2)),
  ],
  [
    'changed by hand',
    /does not match its checksum/,
    (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/"objects":\d+/, '"objects":999')),
  ],
  [
    'of a newer version',
    /has version 9, but this crosstrail reads only up to version 1/,
    (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 9')),
  ],
] as const)('coverage that is %s stops a pull before any request, and stays unchanged', async (_how, says, spoil) => {
  const to = world.newPath()
  expect(await run(pullTo(to))).toMatchObject({ exitCode: 0 })
  spoil(coverageOf(to))
  const spoilt = readFileSync(coverageOf(to))
  world.lab.requests.clear()
  for (const args of [pullTo(to), ['pull', 'status', '--to', to]]) {
    const { exitCode, stdout, stderr } = await run(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr).toMatch(/^hint: /m)
  }
  expect(world.lab.requests.count('ListObjectsV2')).toBe(0)
  expect(readFileSync(coverageOf(to))).toEqual(spoilt)
})

test('after restoring the previous coverage, as the hint says, a pull continues and loses nothing', async () => {
  const to = world.newPath()
  await run(pullTo(to))
  truncateSync(coverageOf(to), 100)
  copyFileSync(join(to, '.crosstrail', 'coverage.previous.json'), coverageOf(to))
  expect(await run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(filesOf(to)).toEqual(keysOf(storedLogs(world.lab)))
})

test('a clock that jumps by years loses nothing and takes nothing twice', async () => {
  const to = world.newPath()
  const [first = ''] = keysOf(storedLogs(world.lab))
  await run(pullTo(to))
  let serial = 0
  for (const shiftMs of [-1000 * dayMs, 400 * dayMs, -2 * hourMs, 0]) {
    nowMs = startMs + shiftMs
    world.lab
      .bucket()
      .put(first.replace(/_[^_]+$/, `_000000000000000${++serial}.json.gz`), world.lab.bucket().get(first)?.body ?? '', {
        lastModifiedMs: startMs + serial * hourMs,
      })
    // To a clock that is years behind, the start of the pull is in the future.
    expect(await run(pullTo(to)), `${shiftMs}`).toMatchObject({ exitCode: shiftMs < -100 * dayMs ? 2 : 0 })
  }
  // A log that is a week late may need a sweep
  nowMs = startMs + 2 * dayMs
  expect(await run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(filesOf(to)).toEqual(keysOf(storedLogs(world.lab)))
  expect(world.lab.requests.count('GetObject')).toBe(storedLogs(world.lab).length)
})
