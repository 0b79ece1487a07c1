import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { jsonLines } from './support/crosstrail.ts'
import { GrowingArchive } from './support/growing-archive.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { filesOf } from './support/tree.ts'

const startMs = Date.UTC(2026, 10, 1)

let world: LabWorld
let archive: GrowingArchive

beforeAll(async () => {
  world = await labWorld()
  archive = new GrowingArchive(world.lab.bucket(), seededRandom(7), startMs)
  archive.deliver(120)
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

function pullTo(to: string): string[] {
  const since = new Date(startMs - 86_400_000).toISOString()
  return ['pull', 'Z', '--to', to, '--since', since, '--format', 'ndjson', '--concurrency', '4']
}

/** The ids in the published files. Throws if a line is not complete. */
function publishedIds(to: string): string[] {
  return filesOf(to)
    .flatMap((file) => jsonLines(readFileSync(join(to, file), 'utf8')).map(({ eventID }) => String(eventID)))
    .sort()
}

const growing = (to: string) => readdirSync(join(to, '.crosstrail/ndjson')).filter((name) => name.endsWith('.part'))

const everyId = () => [...archive.eventIds].sort()

async function coveredObjects(to: string): Promise<number> {
  const { stdout } = await world.run(['pull', 'status', '--to', to, '--output', 'json'])
  return jsonLines(stdout).reduce((sum, { objects }) => sum + Number(objects), 0)
}

async function expectTheRest(to: string): Promise<void> {
  world.lab.setFaults({})
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(publishedIds(to)).toEqual(everyId())
  expect(growing(to)).toEqual([])
}

test('a pull without --every publishes all events at its end, and a later one publishes only what is new', async () => {
  const to = world.newPath()
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(publishedIds(to)).toEqual(everyId())
  expect(growing(to)).toEqual([])
  const before = filesOf(to)
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(filesOf(to)).toEqual(before)
  archive.deliver(5)
  await expectTheRest(to)
  expect(filesOf(to)).toHaveLength(before.length + 1)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('after %s the pulled events are published, and the next pull takes the others', async (signal, code) => {
  const to = world.newPath()
  const { child, result } = world.start(pullTo(to))
  let gets = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation === 'GetObject' && ++gets === 40) child.kill(signal)
      return operation === 'GetObject' && gets >= 40 ? { latencyMs: 50 } : undefined
    },
  })
  expect((await result).exitCode).toBe(code)
  const published = publishedIds(to)
  expect(published.length).toBeGreaterThan(0)
  expect(published.length).toBeLessThan(archive.eventIds.size)
  expect(growing(to)).toEqual([])
  // Each log has one event.
  expect(await coveredObjects(to)).toBe(published.length)
  await expectTheRest(to)
})

test('a pull that fails half-way publishes the events of the logs that it has taken', async () => {
  const to = world.newPath()
  world.lab.setFaults({
    hook: ({ operation, query }) =>
      operation === 'ListObjectsV2' && query.get('prefix')?.includes('/333333333333/') === true
        ? { status: 403, code: 'AccessDenied', message: 'no' }
        : undefined,
  })
  expect((await world.run(pullTo(to))).exitCode).toBe(3)
  const published = publishedIds(to)
  expect(published.length).toBeGreaterThan(0)
  expect(published.length).toBeLessThan(archive.eventIds.size)
  expect(growing(to)).toEqual([])
  await expectTheRest(to)
})
