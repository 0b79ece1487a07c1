import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { seededRandom } from '../../src/lab/random.ts'
import type { Bucket } from '../../src/lab/stored-bucket.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import { bucketRows, savedDataset } from './support/bucket-dataset.ts'
import { archiveName, type CopyWorld, copyWorld, foreignName } from './support/copy-world.ts'
import { GrowingArchive } from './support/growing-archive.ts'
import { leftovers } from './support/tree.ts'

const startMs = Date.UTC(2026, 10, 1)
const partName =
  /\/account=\d{12}\/region=[a-z0-9-]+\/date=(?:[\d-]{10}|__HIVE_DEFAULT_PARTITION__)\/part-\d{8}T\d{6}Z-\d{4}-[0-9a-f]{8}\.parquet$/

let world: CopyWorld
let archive: GrowingArchive
let prefixes = 0

beforeAll(async () => {
  world = await copyWorld()
  archive = new GrowingArchive(world.lab.bucket(), seededRandom(8), startMs)
  archive.deliver(60)
})
afterAll(() => world.stop())
beforeEach(() => {
  world.lab.setFaults({})
  world.lab.requests.clear()
})

interface Target {
  readonly prefix: string
  readonly state: string
  readonly pull: readonly string[]
}

function newTarget({ bucket = archiveName, accounts = ['Z'], more = [] as readonly string[] } = {}): Target {
  const prefix = `lake${++prefixes}/`
  const state = world.newPath()
  const since = new Date(startMs - 86_400_000).toISOString()
  const to = ['--to', `s3://${bucket}/${prefix}`, '--state', state, '--format', 'parquet']
  return { prefix, state, pull: ['pull', ...accounts, ...to, '--since', since, '--concurrency', '4', ...more] }
}

const keysOf = (bucket: Bucket, prefix: string) => bucket.keys().filter((key) => key.startsWith(prefix))
const idsOf = async ({ prefix }: Target, bucket = world.archive) =>
  (await bucketRows(bucket, prefix)).map(({ eventID }) => String(eventID)).toSorted()
const everyId = () => [...archive.eventIds].toSorted()

test('a pull publishes all events, later ones what is new, and one without coverage nothing twice', async () => {
  const target = newTarget()
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target)).toEqual(everyId())
  const before = keysOf(world.archive, target.prefix)
  expect(before.every((key) => partName.test(key))).toBe(true)
  expect(world.archive.get(before[0] ?? '')?.contentType).toBe('application/vnd.apache.parquet')
  expect((await rowsOf(savedDataset(world.archive, target.prefix))).length).toBe(archive.eventIds.size)

  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(keysOf(world.archive, target.prefix)).toEqual(before)

  archive.deliver(5)
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target)).toEqual(everyId())
  expect(leftovers(target.state)).toEqual([])
  expect(readdirSync(join(target.state, '.crosstrail/parquet/full'))).toEqual([])
  const files = keysOf(world.archive, target.prefix)

  rmSync(join(target.state, '.crosstrail'), { recursive: true })
  world.lab.requests.clear()
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(keysOf(world.archive, target.prefix)).toEqual(files)
  expect(world.lab.requests.count('PutObject')).toBe(0)
})

test('an event that is delivered in a second log is not written again', async () => {
  const target = newTarget()
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  const files = keysOf(world.archive, target.prefix)
  const [key = '', other = ''] = archive.keys
  const again = key.replace(/_\w{16}\.json\.gz$/, '_AgainAgainAgain1.json.gz')
  const [eventID] = archive.eventIds
  world.lab.bucket().put(again, gzipSync(JSON.stringify({ Records: [{ eventID, ballast: other }] })))
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(keysOf(world.archive, target.prefix)).toEqual(files)
  world.lab.bucket().delete(again)
})

test('several files of one pull are published by --rotate, and hold each event once', async () => {
  const target = newTarget({ more: ['--rotate', '4KB'] })
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target)).toEqual(everyId())
  const names = new Set(keysOf(world.archive, target.prefix).map((key) => key.slice(key.lastIndexOf('-'))))
  expect(names.size).toBeGreaterThan(2)
})

test('files are stored as requested, and encrypted ones can be compared too', async () => {
  const encryption = ['--sse', 'aws:kms', '--kms-key', `arn:aws:kms:us-east-1:${labAccounts.A}:key/1`]
  const target = newTarget({ more: ['--storage-class', 'STANDARD_IA', '--tag', 'team=audit', ...encryption] })
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  const files = keysOf(world.archive, target.prefix)
  for (const key of files) {
    expect(world.archive.get(key)).toMatchObject({
      storageClass: 'STANDARD_IA',
      tags: { team: 'audit' },
      kmsKeyArn: encryption[3],
    })
  }
  rmSync(join(target.state, '.crosstrail'), { recursive: true })
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(keysOf(world.archive, target.prefix)).toEqual(files)
})

test('answers that are lost on their way fail and duplicate nothing', async () => {
  const target = newTarget()
  world.lab.setFaults({
    rules: [{ fault: 'resetBeforeHeaders', probability: 1, operations: ['PutObject'], times: 2 }],
  })
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target)).toEqual(everyId())
  const puts = world.lab.requests.recent('PutObject')
  expect(puts.map(({ status }) => status)).toContain(412)
  expect(
    puts.every(({ headers }) => headers['if-none-match'] !== undefined && headers['content-md5'] !== undefined),
  ).toBe(true)
})

test('a pull that is killed after a PUT goes on with the same names', async () => {
  const target = newTarget()
  const { child, result } = world.start(target.pull)
  let puts = 0
  world.lab.setFaults({
    hook({ operation }) {
      if (operation !== 'PutObject' || ++puts < 2) return undefined
      // The first file is stored, and nothing has counted it.
      child.kill('SIGKILL')
      return { latencyMs: 1000 }
    },
  })
  expect(await result).toMatchObject({ signal: 'SIGKILL' })
  const [first = ''] = keysOf(world.archive, target.prefix)
  const stored = world.archive.get(first)
  world.lab.setFaults({})
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target)).toEqual(everyId())
  expect(world.archive.get(first)).toBe(stored)
  const names = new Set(keysOf(world.archive, target.prefix).map((key) => key.slice(key.lastIndexOf('/'))))
  expect([...names]).toEqual([first.slice(first.lastIndexOf('/'))])
})

test('a refused PUT says which right is missing on which side, and the next pull publishes everything', async () => {
  const target = newTarget()
  world.lab.setFaults({
    rules: [
      {
        fault: { status: 403, code: 'AccessDenied', message: 'Access Denied' },
        probability: 1,
        operations: ['PutObject'],
      },
    ],
  })
  const refused = await world.run(target.pull)
  expect(refused.exitCode).toBe(3)
  expect(refused.stderr).toContain(`PutObject of s3://${archiveName}/${target.prefix}account=`)
  expect(refused.stderr).toMatch(/the role that writes needs s3:PutObject.*must belong to/s)
  world.lab.setFaults({})
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target)).toEqual(everyId())
})

test('a bucket of another owner is refused', async () => {
  const { exitCode, stderr } = await world.run(newTarget({ bucket: foreignName }).pull)
  expect(exitCode).toBe(3)
  expect(stderr).toContain('--to-owner')
})

test('with --to-account one session reads logs and the other writes the dataset', async () => {
  const target = newTarget({ bucket: foreignName, accounts: ['Z'], more: ['--to-account', 'Zarchive'] })
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  expect(await idsOf(target, world.foreign)).toEqual(everyId())
  const [writing = '', reading = ''] = world.lab.requests
    .recent('AssumeRole')
    .map(({ query }) => query.get('Policy') ?? '')
  expect(writing).toContain(`arn:aws:s3:::${foreignName}/${target.prefix}*`)
  expect(writing).not.toContain('example-cloudtrail-logs')
  expect(reading).toContain('arn:aws:s3:::example-cloudtrail-logs/AWSLogs/*')
  expect(reading).not.toMatch(/z-archive|PutObject/)
})

test.each([
  ['among the logs', 's3://example-cloudtrail-logs/AWSLogs/events', [], "among the trail's own keys"],
  ['in an archive class', `s3://${archiveName}/cold`, ['--storage-class', 'DEEP_ARCHIVE'], 'needs a restore first'],
])('a dataset %s is refused before anything is sent', async (_, to, more, says) => {
  const pull = ['pull', 'Z', '--to', to, '--state', world.newPath(), '--format', 'parquet', ...more]
  const { exitCode, stderr } = await world.run(pull)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(says)
  expect(world.lab.requests.count()).toBe(0)
})

test('several accounts need one that writes', async () => {
  const { exitCode, stderr } = await world.run(newTarget({ accounts: ['B', 'Z'] }).pull)
  expect(exitCode).toBe(2)
  expect(stderr).toContain('--to-account')
  expect(world.lab.requests.count()).toBe(0)
})

test('the coverage of one dataset is not used for another', async () => {
  const target = newTarget()
  expect(await world.run(target.pull)).toMatchObject({ exitCode: 0 })
  const to = `s3://${archiveName}/other`
  const other = await world.run(['pull', 'Z', '--to', to, '--state', target.state, '--format', 'parquet'])
  expect(other.exitCode).toBe(1)
  expect(other.stderr).toContain(`went to parquet s3://${archiveName}/${target.prefix}`)
})
