import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Random, seededRandom } from '../../src/lab/random.ts'
import { ownDisk, remount } from '../own-disk.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { storedLogs } from './support/stored-logs.ts'
import { leftovers } from './support/tree.ts'

const kills = 8

let world: LabWorld
let logs: string
let random: Random
let everyId: string[]

beforeAll(async () => {
  random = seededRandom(20261102)
  world = await labWorld({ sample: { objects: 200 } })
  logs = world.newPath()
  expect(await world.run(['download', 'Z', '--to', logs])).toMatchObject({ exitCode: 0 })
  const ids = storedLogs(world.lab).flatMap(({ object }) => {
    const { Records } = JSON.parse(gunzipSync(object.body).toString()) as { Records?: Record<string, unknown>[] }
    return (Records ?? []).map(({ eventID, eventId }) => String(eventID ?? eventId))
  })
  everyId = [...new Set(ids)].toSorted()
})
afterAll(() => world.stop())

const exportTo = (to: string) => ['events', '--dir', logs, '--to', to, '--format', 'parquet']

/** The ids in a dataset. Fails if a file is not complete. */
async function idsIn(to: string): Promise<string[]> {
  return (await rowsOf(to)).map(({ eventID }) => String(eventID)).toSorted()
}

function partitionsIn(to: string): number {
  if (!existsSync(to)) return 0
  return readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet')).length
}

/** Starts an export, and sends it a signal while it publishes files. */
async function stopWhileWriting(to: string, signal: 'SIGKILL' | 'SIGINT') {
  const { child, result } = world.start(exportTo(to))
  const before = partitionsIn(to)
  const ended = result.then(() => true)
  while (partitionsIn(to) === before && !(await Promise.race([ended, delay(5, false)])));
  await delay(random() * 150)
  child.kill(signal)
  return result
}

test('after any number of kills a dataset has complete files, and the next run adds what is missing', async () => {
  const to = world.newPath()
  mkdirSync(to)
  let killed = 0
  for (let run = 0; run < kills; run++) {
    const { signal } = await stopWhileWriting(to, 'SIGKILL')
    if (signal === 'SIGKILL') killed++
    const ids = await idsIn(to)
    expect(ids).toHaveLength(new Set(ids).size)
  }
  expect(killed).toBeGreaterThan(0)
  expect(await world.run(exportTo(to))).toMatchObject({ exitCode: 0 })
  expect(await idsIn(to)).toEqual(everyId)
  expect(leftovers(to)).toEqual([])
})

test('an interrupted run leaves complete files, and the next run adds what is missing', async () => {
  const to = world.newPath()
  const { exitCode } = await stopWhileWriting(to, 'SIGINT')
  expect([0, 130]).toContain(exitCode)
  const ids = await idsIn(to)
  expect(ids).toHaveLength(new Set(ids).size)
  expect(leftovers(to)).toEqual([])
  expect(await world.run(exportTo(to))).toMatchObject({ exitCode: 0 })
  expect(await idsIn(to)).toEqual(everyId)
})

test.for(['300k', '800k'])(
  'a disk of %s is full, and the next run with space adds what is missing',
  async (size, { skip }) => {
    const disk = ownDisk(`size=${size}`)
    if (disk === undefined) return skip()
    const full = expect.stringContaining('disk.full') as string
    expect(await world.run([...exportTo(disk), '--output', 'json'])).toMatchObject({ exitCode: 1, stderr: full })
    const ids = await idsIn(disk)
    expect(ids).toHaveLength(new Set(ids).size)
    expect(ids.length).toBeLessThan(everyId.length)
    remount(disk, 'size=200m')
    expect(await world.run(exportTo(disk))).toMatchObject({ exitCode: 0 })
    expect(await idsIn(disk)).toEqual(everyId)
    expect(leftovers(disk)).toEqual([])
  },
)
