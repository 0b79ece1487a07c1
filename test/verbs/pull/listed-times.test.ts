import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hourMs } from '../../../src/trail/calendar.ts'
import { pullStatus } from '../../../src/verbs/pull/stream-status.ts'
import { openPullWorld, pulledAtMs, type PullWorld } from './pull-world.ts'

let world: PullWorld
beforeEach(async () => {
  world = await openPullWorld({
    sample: { objects: 40, window: { fromMs: pulledAtMs - 2 * hourMs, toMs: pulledAtMs - hourMs } },
  })
})
afterEach(() => world.close())

const laterMs = pulledAtMs + hourMs
const stateFile = (name: string) => join(world.to, '.crosstrail', name)
const listedTimes = () => new Set(pullStatus({ folder: world.to }, laterMs).map(({ lastListedMs }) => lastListedMs))

test('stores when a pull without new logs listed, and writes no coverage', async () => {
  await world.pull()
  expect(listedTimes()).toEqual(new Set([pulledAtMs]))
  const before = readFileSync(stateFile('coverage.json'), 'utf8')
  const { total } = await world.pull({ nowMs: () => pulledAtMs + 60_000 })
  expect(total.done).toBe(0)
  expect(readFileSync(stateFile('coverage.json'), 'utf8')).toBe(before)
  expect(listedTimes()).toEqual(new Set([pulledAtMs + 60_000]))
})

test('keeps the old time of a stream that could not be listed', async () => {
  await world.pull()
  const [first] = pullStatus({ folder: world.to }, laterMs)
  if (first === undefined) throw new Error('nothing was pulled')
  const denied = { status: 403, code: 'AccessDenied', message: 'no' }
  world.lab.setFaults({
    hook: ({ operation, query }) =>
      operation === 'ListObjectsV2' && query.get('prefix')?.includes(`/${first.region}/`) === true ? denied : undefined,
  })
  await world.pull({ nowMs: () => pulledAtMs + 60_000 })
  const streams = pullStatus({ folder: world.to }, laterMs)
  expect(
    new Set(streams.filter(({ region }) => region === first.region).map(({ lastListedMs }) => lastListedMs)),
  ).toEqual(new Set([pulledAtMs]))
  expect(streams.length).toBeGreaterThan(1)
})

test.each(['', 'no JSON', 'null', '[]', '{"a":5}', '{"a":"soon"}'])(
  'reads invalid times (%j) as empty, and writes them again in the next pull',
  async (text) => {
    await world.pull()
    writeFileSync(stateFile('listed.json'), text)
    expect(listedTimes()).toEqual(new Set([undefined]))
    await world.pull({ nowMs: () => pulledAtMs + 60_000 })
    expect(listedTimes()).toEqual(new Set([pulledAtMs + 60_000]))
  },
)

test('replaces a partial file that a killed pull left', async () => {
  await world.pull()
  writeFileSync(stateFile('listed.json.part'), '{')
  await world.pull({ nowMs: () => pulledAtMs + 60_000 })
  expect(listedTimes()).toEqual(new Set([pulledAtMs + 60_000]))
})

test('refuses a symbolic link in place of the file, and writes nothing through it', async () => {
  await world.pull()
  const elsewhere = join(world.to, 'elsewhere')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'file'), 'own')
  const other = await openPullWorld({ sample: { objects: 4 } })
  try {
    mkdirSync(join(other.to, '.crosstrail'), { mode: 0o700 })
    symlinkSync(join(elsewhere, 'file'), join(other.to, '.crosstrail', 'listed.json'))
    expect((await other.pull()).error).toMatchObject({ code: 'disk.not-a-file' })
    expect(readFileSync(join(elsewhere, 'file'), 'utf8')).toBe('own')
  } finally {
    await other.close()
  }
})
