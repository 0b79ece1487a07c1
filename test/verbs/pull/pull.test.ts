import { readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { dayMs, hourMs } from '../../../src/trail/calendar.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { pullStatus } from '../../../src/verbs/pull/stream-status.ts'
import type { LabOptions } from '../../../src/lab/lab.ts'
import { codeOfAsync } from '../../disk/error-code.ts'
import { filesBelow } from '../../disk/temp-folder.ts'
import { everything } from '../../work/run-world.ts'
import { openPullWorld, pulledAtMs, type PullWorld } from './pull-world.ts'

const opened: PullWorld[] = []

afterEach(async () => {
  for (const world of opened.splice(0)) await world.close()
})

async function open(options: LabOptions = { sample: { objects: 60 } }): Promise<PullWorld> {
  const world = await openPullWorld(options)
  opened.push(world)
  return world
}

const logs = (world: PullWorld) => filesBelow(world.to).filter((file) => file.startsWith('AWSLogs/'))
const digested = {
  sample: {
    objects: 30,
    digests: true,
    regions: ['us-east-1'] as const,
    kinds: ['events'] as const,
    logAccounts: ['222222222222' as AccountId] as const,
    window: { fromMs: pulledAtMs - dayMs, toMs: pulledAtMs },
  },
} satisfies LabOptions
const coverageFile = (world: PullWorld) => join(world.to, '.crosstrail', 'coverage.json')
const keyAt = (deliveredAtMs: number, random: string) =>
  formatKey(
    { logAccount: '222222222222' as AccountId, region: 'us-east-1', kind: 'events', deliveredAtMs, random },
    { prefix: '' },
  )
const late = keyAt(pulledAtMs - 6 * dayMs, 'LateLateLateLate')
const listings = (world: PullWorld) => world.lab.requests.count('ListObjectsV2')

test('takes every log since --since in the first pull', async () => {
  const world = await open()
  const report = await world.pull()
  expect(report).toMatchObject({ firstRun: true, sweep: true, interrupted: false, findings: [] })
  expect(logs(world)).toHaveLength(60)
})

test('does not take logs from before --since in the first pull', async () => {
  const world = await open()
  await world.pull({ sinceMs: pulledAtMs - 2 * dayMs })
  const stamps = logs(world).map((file) => /_(\d{8})T\d{4}Z_/.exec(file)?.[1] ?? '')
  expect(stamps.length).toBeGreaterThan(0)
  expect(stamps.filter((stamp) => stamp < '20261106')).toEqual([])
})

test('takes nothing in a second pull, and lists each stream once', async () => {
  const world = await open()
  const { streams } = await world.pull()
  const before = listings(world)
  const report = await world.pull()
  expect(report.total.done).toBe(0)
  expect(listings(world) - before).toBe(streams.length)
})

test('takes a late log once, in the next sweep', async () => {
  const world = await open()
  await world.pull()
  world.lab.bucket().put(late, 'late', { lastModifiedMs: pulledAtMs })
  const sweep = { nowMs: () => pulledAtMs + 2 * dayMs }
  expect((await world.pull(sweep)).total.done).toBe(1)
  expect((await world.pull({ nowMs: () => pulledAtMs + 4 * dayMs })).total.done).toBe(0)
})

test('takes a log of the same minute that sorts before a log already taken', async () => {
  const world = await open({})
  const { lab } = world
  lab.bucket().put(keyAt(pulledAtMs - hourMs, 'MMMMMMMMMMMMMMMM'), 'one', { lastModifiedMs: pulledAtMs - hourMs })
  await world.pull()
  lab.bucket().put(keyAt(pulledAtMs - hourMs, 'AAAAAAAAAAAAAAAA'), 'two', { lastModifiedMs: pulledAtMs - hourMs })
  expect((await world.pull()).total.done).toBe(1)
})

test('finds a new region within an hour', async () => {
  const world = await open()
  await world.pull()
  const key = late.replaceAll('us-east-1', 'sa-east-1')
  world.lab.bucket().put(key, 'new', { lastModifiedMs: pulledAtMs })
  const report = await world.pull({ nowMs: () => pulledAtMs + hourMs })
  expect(report).toMatchObject({ sweep: false, total: { done: 1 } })
})

test('writes no coverage if there is nothing new', async () => {
  const world = await open()
  await world.pull()
  const { ino } = statSync(coverageFile(world))
  for (let times = 0; times < 5; times++) await world.pull()
  expect(statSync(coverageFile(world)).ino).toBe(ino)
})

test('leaves no journal if it takes nothing, even if it skips unselected logs', async () => {
  const world = await open()
  const selection = { ...everything, exclude: ['*_us-east-1_*'] }
  await world.pull({ selection })
  const report = await world.pull({ selection })
  expect(report.total.skipped.unselected).toBeGreaterThan(0)
  expect(report.journalFile).toBeUndefined()
})

test('does not fetch files again that were moved away', async () => {
  const world = await open()
  await world.pull()
  rmSync(join(world.to, 'AWSLogs'), { recursive: true })
  expect((await world.pull()).total.done).toBe(0)
})

test('fetches missing files of the look-back again with --verify-local', async () => {
  const world = await open()
  await world.pull()
  const before = logs(world)
  rmSync(join(world.to, 'AWSLogs'), { recursive: true })
  await world.pull({ verifyLocal: true, lookBackMs: 10 * dayMs })
  expect(logs(world)).toEqual(before)
})

test('sweeps and loses nothing if the clock goes back', async () => {
  const world = await open()
  await world.pull()
  world.lab.bucket().put(late, 'late', { lastModifiedMs: pulledAtMs })
  const report = await world.pull({ nowMs: () => pulledAtMs - 400 * dayMs })
  expect(report).toMatchObject({ sweep: true, total: { done: 1 } })
})

test('reports a log that fails as a gap, and takes it as soon as it can', async () => {
  const world = await open()
  world.lab.bucket().put(late, 'no gzip', { lastModifiedMs: pulledAtMs })
  const sink = { type: 'folder', decompress: true, maxInflatedBytes: 1e8 } as const
  const failing = await world.pull({ sink })
  expect(failing.total).toMatchObject({ done: 60, failed: 1 })
  expect(failing.findings).toMatchObject([{ code: 'pull.gap', region: 'us-east-1' }])
  const healed = await world.pull()
  expect(healed).toMatchObject({ total: { done: 1, failed: 0 }, findings: [] })
})

test('reports an archived log as a gap, and takes it in a sweep once it is restored', async () => {
  const world = await open()
  const lastModifiedMs = pulledAtMs
  world.lab.bucket().put(late, 'cold', { lastModifiedMs, storageClass: 'GLACIER' })
  expect((await world.pull()).findings).toMatchObject([{ code: 'pull.gap' }])
  world.lab.bucket().put(late, 'warm', { lastModifiedMs })
  const report = await world.pull({ nowMs: () => pulledAtMs + 30 * dayMs })
  expect(report.total.done).toBe(1)
  expect(report.findings.filter(({ code }) => code === 'pull.gap')).toEqual([])
})

test('reports a log that a digest lists and the bucket does not have as a gap', async () => {
  const world = await open(digested)
  const gone =
    world.lab
      .bucket()
      .keys()
      .find((key) => key.includes('/CloudTrail/us-east-1/')) ?? ''
  world.lab.bucket().delete(gone)
  const report = await world.pull()
  expect(report.findings).toMatchObject([{ code: 'pull.gap', kind: 'events', region: 'us-east-1' }])
  expect(report.findings[0]?.message).toContain(gone)
})

test('reports a region without any log left as a gap if digests list its logs', async () => {
  const world = await open(digested)
  const bucket = world.lab.bucket()
  for (const key of bucket.keys().filter((one) => one.includes('/CloudTrail/us-east-1/'))) bucket.delete(key)
  const report = await world.pull()
  expect(report.findings).toMatchObject([{ code: 'pull.gap', kind: 'events', region: 'us-east-1' }])
})

test('reports no gap for other kinds if it pulls only digests', async () => {
  const world = await open(digested)
  const bucket = world.lab.bucket()
  for (const key of bucket.keys().filter((one) => one.includes('/CloudTrail/us-east-1/'))) bucket.delete(key)
  expect((await world.pull({ selection: { ...everything, kinds: ['digest'] } })).findings).toEqual([])
})

test('reports nothing if all logs of the digests exist', async () => {
  const world = await open(digested)
  expect((await world.pull()).findings).toEqual([])
})

test('reports a stream that stopped, and its lag', async () => {
  const world = await open({
    sample: { objects: 60, regions: ['us-east-1'], logAccounts: ['222222222222' as AccountId] },
  })
  const report = await world.pull({ nowMs: () => pulledAtMs + 60 * dayMs, maxLagMs: dayMs })
  const codes = new Set(report.findings.map(({ code }) => code))
  expect(codes).toEqual(new Set(['pull.silent', 'pull.lag']))
})

test.each([
  ['cut in half', 'coverage.damaged', (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
  ['of a later version', 'coverage.newer', (file: string) => writeFileSync(file, '{"version": 2}')],
  ['gone', 'coverage.damaged', (file: string) => rmSync(file)],
] as const)('refuses coverage that is %s before it takes anything', async (_how, code, spoil) => {
  const world = await open()
  await world.pull()
  spoil(coverageFile(world))
  expect(await codeOfAsync(() => world.pull())).toBe(code)
})

test('continues from the previous coverage if that replaces the last one', async () => {
  const world = await open()
  await world.pull()
  renameSync(join(world.to, '.crosstrail', 'coverage.previous.json'), coverageFile(world))
  const report = await world.pull()
  expect(report.total.failed).toBe(0)
  expect(logs(world)).toHaveLength(60)
})

test('refuses coverage of another bucket', async () => {
  const world = await open()
  await world.pull()
  expect(await codeOfAsync(() => world.pull({ bucket: 'another' }))).toBe('coverage.other-trail')
})

test('refuses a second pull while the first one runs', async () => {
  const world = await open()
  const first = world.pull()
  expect(await codeOfAsync(() => world.pull())).toBe('lock.held')
  await first
})

test('leaves other regions for a later pull if it pulls one region', async () => {
  const world = await open()
  await world.pull({ selection: { ...everything, regions: ['us-east-1'] } })
  const some = logs(world).length
  await world.pull()
  expect(some).toBeLessThan(60)
  expect(logs(world)).toHaveLength(60)
})

test('reports no findings for other regions if it pulls one region', async () => {
  const world = await open({
    sample: {
      objects: 100,
      regions: ['us-east-1', 'eu-west-1'],
      kinds: ['events'],
      logAccounts: ['222222222222' as AccountId],
    },
  })
  await world.pull()
  const nowMs = () => pulledAtMs + 300 * dayMs
  const { findings } = await world.pull({ nowMs, selection: { ...everything, regions: ['us-east-1'] } })
  expect(new Set(findings.map(({ region }) => region))).toEqual(new Set(['us-east-1']))
})

test('sweeps other regions later if it sweeps one region', async () => {
  const world = await open()
  await world.pull()
  world.lab.bucket().put(late, 'late', { lastModifiedMs: pulledAtMs })
  const sweep = { nowMs: () => pulledAtMs + 2 * dayMs }
  await world.pull({ ...sweep, selection: { ...everything, regions: ['eu-west-1'] } })
  expect(await world.pull(sweep)).toMatchObject({ sweep: true, total: { done: 1 } })
})

test('shows in the status what the last pull reported', async () => {
  const world = await open()
  const { streams } = await world.pull()
  const shown = pullStatus({ folder: world.to }, pulledAtMs)
  expect(shown).toEqual(streams.map((stream) => ({ ...stream, newObjects: 0, newBytes: 0 })))
})

test('refuses the status of a target without pulls', async () => {
  const world = await open({})
  expect(() => pullStatus({ folder: world.to }, pulledAtMs)).toThrow(expect.objectContaining({ code: 'coverage.none' }))
})
