import { afterAll, beforeAll, expect, test } from 'vitest'
import { archive, contentsOf, type CopyWorld, copyWorld, logContents } from './support/copy-world.ts'
import { jsonLines } from './support/crosstrail.ts'
import { keysOf, storedLogs } from './support/stored-logs.ts'

let world: CopyWorld
let cold: readonly string[]
let tiered: string
let logs = 0
const copy = ['copy', 'Z', '--to', archive, '--output', 'json']
const ask = [...copy, '--restore-tier', 'standard', '--restore-days', '3']

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 20, foreign: false } })
  const keys = keysOf(storedLogs(world.lab))
  const bucket = world.lab.bucket()
  logs = keys.length
  cold = keys.slice(0, 3)
  tiered = keys[3] ?? ''
  for (const key of cold) bucket.put(key, bucket.get(key)?.body ?? '', { storageClass: 'DEEP_ARCHIVE' })
  bucket.put(tiered, bucket.get(tiered)?.body ?? '', { storageClass: 'INTELLIGENT_TIERING', isArchivedTier: true })
})
afterAll(() => world.stop())

async function archived(args: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout } = await world.run(args)
  expect(exitCode).toBe(0)
  const skipped = jsonLines(stdout).filter(({ reason }) => reason === 'archived')
  return Object.fromEntries(skipped.map(({ key, restore }) => [String(key), restore]))
}

test('skips and counts archived logs, and requests nothing', async () => {
  expect(Object.keys(await archived(copy)).sort()).toEqual([...cold, tiered].sort())
  expect(world.lab.requests.count('RestoreObject')).toBe(0)
  expect(Object.keys(contentsOf(world.archive))).toHaveLength(logs - 4)
})

test('a dry run requests nothing', async () => {
  await archived([...ask, '--dry-run'])
  expect(world.lab.requests.count('RestoreObject')).toBe(0)
})

test('--restore-tier requests each log once, and a run that is too early reports the restore', async () => {
  expect(new Set(Object.values(await archived(ask)))).toEqual(new Set(['requested']))
  expect(world.lab.bucket().get(cold[0] ?? '')?.restore).toMatchObject({ ongoing: true, days: 3 })
  expect(new Set(Object.values(await archived(ask)))).toEqual(new Set(['in-progress']))
})

test('a later run copies the restored logs', async () => {
  expect(world.lab.bucket().finishRestores()).toBe(4)
  expect(await archived(copy)).toEqual({})
  expect(contentsOf(world.archive)).toEqual(logContents(world))
})
