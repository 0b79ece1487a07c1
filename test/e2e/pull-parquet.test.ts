import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { duckRowsOf } from '../sinks/parquet/read-parquet.ts'
import { GrowingArchive } from './support/growing-archive.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { filesOf, leftovers } from './support/tree.ts'

const startMs = Date.UTC(2026, 10, 1)

let world: LabWorld
let archive: GrowingArchive

beforeAll(async () => {
  world = await labWorld()
  archive = new GrowingArchive(world.lab.bucket(), seededRandom(8), startMs)
  archive.deliver(120)
})
afterAll(() => world.stop())

function pullTo(to: string): string[] {
  const since = new Date(startMs - 86_400_000).toISOString()
  return ['pull', 'Z', '--to', to, '--since', since, '--format', 'parquet', '--concurrency', '4']
}

const ids = async (to: string) => (await duckRowsOf(to)).map(({ eventID }) => String(eventID)).sort()
const everyId = () => [...archive.eventIds].sort()

test('a pull publishes all events at its end, later ones what is new, and one without coverage nothing twice', async () => {
  const to = world.newPath()
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(await ids(to)).toEqual(everyId())
  const before = filesOf(to)
  expect(
    before.every((file) =>
      /^account=\d{12}\/region=[a-z0-9-]+\/date=(?:[\d-]{10}|__HIVE_DEFAULT_PARTITION__)\/part-\d{8}T\d{6}Z-\d{4}-[0-9a-f]{8}\.parquet$/.test(
        file,
      ),
    ),
  ).toBe(true)
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(filesOf(to)).toEqual(before)
  archive.deliver(5)
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(await ids(to)).toEqual(everyId())
  rmSync(join(to, '.crosstrail'), { recursive: true })
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(await ids(to)).toEqual(everyId())
  expect(leftovers(to)).toEqual([])
  expect(readdirSync(join(to, '.crosstrail/parquet')).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('a folder holds one format', async () => {
  const to = world.newPath()
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  const other = await world.run([
    ...pullTo(to).map((word) => (word === 'parquet' ? 'ndjson' : word)),
    '--output',
    'json',
  ])
  expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('coverage.other-target') as string })
})

test('without the package nothing is pulled, and the error shows how to install it', async () => {
  const elsewhere = world.newPath()
  const root = resolve(import.meta.dirname, '../..')
  cpSync(join(root, 'dist'), join(elsewhere, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(elsewhere, 'package.json'))
  const to = world.newPath()
  const { status, stderr } = spawnSync(process.execPath, [join(elsewhere, 'dist/bin.cjs'), ...pullTo(to)], {
    env: world.env,
    encoding: 'utf8',
  })
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('npm install @duckdb/node-api') as string,
  })
  expect(existsSync(to)).toBe(false)
})
