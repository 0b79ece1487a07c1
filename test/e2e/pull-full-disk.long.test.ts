import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gunzipSync } from 'node:zlib'
import { ownDisk, remount } from '../own-disk.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import { archive, contentsOf, type CopyWorld, copyWorld, logContents } from './support/copy-world.ts'
import { CrosstrailError } from '../../src/error.ts'
import { pullStatus } from '../../src/verbs/pull/stream-status.ts'
import { jsonLines } from './support/crosstrail.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

let world: CopyWorld

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 400, contentsPerSlot: 400, foreign: false } })
})
afterAll(() => world.stop())

const grow = (disk: string) => remount(disk, 'size=200m')

async function pull(to: string, ...args: readonly string[]) {
  const { exitCode, stderr } = await world.run([
    'pull',
    'Z',
    '--to',
    to,
    '--since',
    '2026-10-31',
    '--sweep',
    '0d',
    '--output',
    'json',
    ...args,
  ])
  return { exitCode, stderr }
}

function coveredStreams(folder: string): ReturnType<typeof pullStatus> {
  try {
    return pullStatus({ folder }, 0)
  } catch (error) {
    if (error instanceof CrosstrailError && error.code === 'coverage.none') return []
    throw error
  }
}

function covered(folder: string): number {
  return coveredStreams(folder).reduce((sum, { objects }) => sum + objects, 0)
}

const full = { exitCode: 1, stderr: expect.stringMatching(/^\{"error":\{"code":"disk\.full"/m) as string }

test.for(['300k', '700k'])(
  'files: after a full disk of %s the next pull with space takes the rest',
  async (size, { skip }) => {
    const disk = ownDisk(`size=${size}`)
    if (disk === undefined) return skip()
    expect(await pull(disk)).toMatchObject(full)
    const tree = treeOf(disk)
    const logs = storedLogs(world.lab)
    expect(mirrorOf(logs)).toMatchObject(tree)
    expect(covered(disk)).toBeLessThanOrEqual(Object.keys(tree).length)
    grow(disk)
    expect(await pull(disk)).toMatchObject({ exitCode: 0 })
    expect(treeOf(disk)).toEqual(mirrorOf(logs))
    expect(covered(disk)).toBe(400)
  },
)

/** The ids of all written events and of all events in the logs, with repetitions. */
function writtenIds(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('events-'))
    .flatMap((name) => jsonLines(readFileSync(join(folder, name), 'utf8')).map(idOf))
    .toSorted()
}

/** Aggregated records spell the field differently. */
function idOf({ eventID, eventId }: Readonly<Record<string, unknown>>): string {
  return String(eventID ?? eventId)
}

function deliveredIds(): string[] {
  const ids = storedLogs(world.lab).flatMap(({ object }) => {
    const { Records } = JSON.parse(gunzipSync(object.body).toString()) as { Records: Record<string, unknown>[] }
    return Records.map(idOf)
  })
  return [...new Set(ids)].toSorted()
}

test.for(['300k', '800k'])(
  'events: after a full disk of %s the next pulls with space write each event once',
  async (size, { skip }) => {
    const disk = ownDisk(`size=${size}`)
    if (disk === undefined) return skip()
    const ndjson = ['--format', 'ndjson', '--rotate', '50KB']
    expect(await pull(disk, ...ndjson)).toMatchObject(full)
    const ids = new Set(writtenIds(disk))
    expect(writtenIds(disk)).toHaveLength(ids.size)
    grow(disk)
    expect(await pull(disk, ...ndjson)).toMatchObject({ exitCode: 0 })
    expect(covered(disk)).toBe(400)
    expect(writtenIds(disk)).toEqual(deliveredIds())
  },
)

test.for(['300k', '800k'])(
  'Parquet: a disk of %s is full, and the next pulls with space write each event once',
  async (size, { skip }) => {
    const disk = ownDisk(`size=${size}`)
    if (disk === undefined) return skip()
    const parquet = ['--format', 'parquet', '--rotate', '200KB']
    expect(await pull(disk, ...parquet)).toMatchObject(full)
    const ids = (await rowsOf(disk)).map(({ eventID }) => String(eventID))
    expect(ids).toHaveLength(new Set(ids).size)
    grow(disk)
    expect(await pull(disk, ...parquet)).toMatchObject({ exitCode: 0 })
    expect(covered(disk)).toBe(400)
    expect((await rowsOf(disk)).map(({ eventID }) => String(eventID)).toSorted()).toEqual(deliveredIds())
  },
)

test('bucket: a full disk of the state folder ends the pull, and the next pulls with space copy the rest and nothing twice', async ({
  skip,
}) => {
  const disk = ownDisk('size=24k')
  if (disk === undefined) return skip()
  const target = [archive, '--state', disk] as const
  expect(await pull(...target)).toMatchObject(full)
  expect(covered(disk)).toBeLessThanOrEqual(Object.keys(contentsOf(world.archive)).length)
  expect(covered(disk)).toBeLessThan(400)
  grow(disk)
  expect(await pull(...target)).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.archive)).toEqual(logContents(world))
  expect(covered(disk)).toBe(400)
  world.lab.requests.clear()
  expect(await pull(...target)).toMatchObject({ exitCode: 0 })
  expect(world.lab.requests.count('CopyObject')).toBe(0)
})
