import { afterAll, beforeAll, expect, test } from 'vitest'
import { labBucket } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryB, entryZ } from './doctor-world.ts'

let world: DoctorWorld
const nowMs = Date.now()
const dayMs = 86_400_000

beforeAll(async () => {
  const window = { fromMs: nowMs - 40 * dayMs, toMs: nowMs - 30 * dayMs }
  world = await doctorWorld({ sample: { objects: 300, window } })
})
afterAll(() => world.stop())

test('warns if logs have stopped, and names the newest', async () => {
  const { of, code } = await world.examine({ B: entryB })
  const stamps = world.lab
    .bucket()
    .keys()
    .flatMap((key) => /\/222222222222_CloudTrail_.*_(\d{8}T\d{4})Z_/.exec(key)?.[1] ?? [])
    .toSorted()
  const newest = stamps.at(-1) ?? ''
  const told = String(of('B').fresh?.facts['newestDelivery']).replaceAll(/[-:]/g, '').slice(0, 13)
  expect({ told, status: of('B').fresh?.status, code }).toEqual({ told: newest, status: 'warning', code: 0 })
})

test('warns if there are no digests', async () => {
  const { of } = await world.examine({ B: entryB })
  expect(of('B').validation).toMatchObject({ status: 'warning', code: 'trail.no-digests' })
})

test('skips the read if every log is archived', async () => {
  const bucket = world.lab.bucket()
  for (const key of bucket.keys()) bucket.put(key, bucket.get(key)?.body ?? '', { storageClass: 'GLACIER' })
  const { of, code } = await world.examine({ Z: entryZ })
  expect({ read: of('Z').read?.status, code }).toEqual({ read: 'skipped', code: 0 })
})

test('warns of an empty bucket and skips the steps that need a log', async () => {
  const bucket = world.lab.bucket(labBucket)
  for (const key of bucket.keys()) bucket.delete(key)
  const { of, code } = await world.examine({ B: { ...entryB, allow: ['list', 'delete', 'copy'] } })
  expect({ list: of('B').list?.status, read: of('B').read?.status, fresh: of('B').fresh?.status }).toEqual({
    list: 'warning',
    read: 'skipped',
    fresh: 'skipped',
  })
  // The exit code is 3 because the right to read versioning, which delete needs, is missing.
  expect(code).toBe(3)
})
