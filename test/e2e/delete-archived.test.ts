import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { type DeleteWorld, deleteWorld, isOlder, olderHalf } from './support/delete-world.ts'
import { keysOf, type StoredLog } from './support/stored-logs.ts'
import { labRoles } from '../../src/lab/fixture.ts'

const archiveName = 'example-archive'
let world: DeleteWorld
let older: readonly StoredLog[]

beforeEach(async () => {
  world = await deleteWorld({
    sample: { objects: 60, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 8) } },
  })
  older = world.logs().filter(isOlder)
  world.lab.addBucket({ name: archiveName, owner: world.lab.bucket().owner, region: 'us-east-1' })
  const role = world.lab.iam.role(labRoles.Z)
  role?.policies.push({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: '*' }],
  })
})
afterEach(() => world.stop())

/** Puts the older logs but the first four into the archive: one is missing, one is shorter, one has other bytes, one other bytes of a KMS key. */
function fillArchive(put: (key: string, body: Buffer) => void): readonly string[] {
  const [missing, shorter, altered, ...rest] = older
  if (missing === undefined || shorter === undefined || altered === undefined) throw new Error('too few logs')
  put(shorter.key, shorter.object.body.subarray(1))
  const other = Buffer.from(altered.object.body)
  other[20] = (other[20] ?? 0) ^ 1
  put(altered.key, other)
  for (const { key, object } of rest) put(key, object.body)
  return [missing.key, shorter.key, altered.key]
}

function keptOf(stdout: string): string[] {
  return jsonLines(stdout)
    .filter(({ status }) => status === 'skipped')
    .map(({ key, reason }) => `${String(key)} ${String(reason)}`)
    .sort()
}

test('--archived-in deletes only logs with an identical copy; logs with a missing, shorter or different copy stay and are listed', async () => {
  const archive = world.lab.bucket(archiveName)
  const kept = fillArchive((key, body) => void archive.put(`trail/${key}`, body))
  const { exitCode, stdout } = await world.crosstrail([
    'delete',
    'Z',
    ...olderHalf,
    '--archived-in',
    `s3://${archiveName}/trail`,
    '--yes',
    '--output',
    'json',
  ])
  expect(exitCode).toBe(0)
  expect(keysOf(world.logs().filter(isOlder))).toEqual([...kept].sort())
  const reasons = ['not-archived', 'archive-differs', 'archive-differs']
  expect(keptOf(stdout)).toEqual(kept.map((key, at) => `${key} ${reasons[at]}`).sort())
})

test('if ETags are not MD5s, both objects are read and compared', async () => {
  const archive = world.lab.bucket(archiveName)
  let serial = 0
  const kept = fillArchive(
    (key, body) => void archive.put(`trail/${key}`, body, { etag: `${String(serial++).padStart(32, '0')}-2` }),
  )
  const { exitCode } = await world.crosstrail([
    'delete',
    'Z',
    ...olderHalf,
    '--archived-in',
    `s3://${archiveName}/trail/`,
    '--yes',
  ])
  expect(exitCode).toBe(0)
  expect(keysOf(world.logs().filter(isOlder))).toEqual([...kept].sort())
  expect(world.lab.requests.count('GetObject')).toBeGreaterThan(0)
})

test('--archived-dir deletes only logs with an identical copy in the folder', async () => {
  const dir = world.newPath()
  const kept = fillArchive((key, body) => {
    mkdirSync(dirname(join(dir, key)), { recursive: true })
    writeFileSync(join(dir, key), body)
  })
  const { exitCode, stdout } = await world.crosstrail([
    'delete',
    'Z',
    ...olderHalf,
    '--archived-dir',
    dir,
    '--yes',
    '--output',
    'json',
  ])
  expect(exitCode).toBe(0)
  expect(keysOf(world.logs().filter(isOlder))).toEqual([...kept].sort())
  const reasons = ['not-archived', 'archive-differs', 'archive-differs']
  expect(keptOf(stdout)).toEqual(kept.map((key, at) => `${key} ${reasons[at]}`).sort())
})

test('everything stays if the archive may not be listed', async () => {
  const before = world.keys()
  const { exitCode } = await world.crosstrail([
    'delete',
    'Z',
    ...olderHalf,
    '--archived-in',
    's3://example-nowhere/trail',
    '--yes',
  ])
  expect(exitCode).not.toBe(0)
  expect(world.keys()).toEqual(before)
})

test.each([
  [['--archived-in', 's3://example-cloudtrail-logs'], 'its own identical copy'],
  [['--archived-in', 'example-archive'], 'expected s3://bucket/prefix'],
  [['--archived-in', 's3://example-archive', '--versions'], '--versions does not go together'],
  [['--archived-in', 's3://example-archive', '--archived-dir', '.'], 'do not go together'],
])('refuses an archive that protects nothing: %j', async (more, message) => {
  const { exitCode, stderr } = await world.crosstrail(['delete', 'Z', ...olderHalf, ...more, '--yes'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain(message)
  expect(world.lab.requests.count('DeleteObjects')).toBe(0)
})
