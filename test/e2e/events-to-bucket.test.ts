import { gunzipSync } from 'node:zlib'
import { mkdirSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import { bucketRows, savedDataset } from './support/bucket-dataset.ts'
import { archiveName, type CopyWorld, copyWorld, foreignName } from './support/copy-world.ts'
import { storedLogs } from './support/stored-logs.ts'

let world: CopyWorld
let temp: string
let prefixes = 0

beforeAll(async () => {
  world = await copyWorld({
    sample: {
      objects: 12,
      foreign: false,
      kinds: ['events'],
      regions: ['us-east-1'],
      logAccounts: ['222222222222' as AccountId, '333333333333' as AccountId],
    },
  })
  temp = world.newPath()
})
afterAll(() => world.stop())
beforeEach(() => {
  world.lab.setFaults({})
  world.lab.requests.clear()
})

const newPrefix = () => `events${++prefixes}/`
const to = (prefix: string, bucket = archiveName) => ['--to', `s3://${bucket}/${prefix}`]
const keysOf = (prefix: string) => world.archive.keys().filter((key) => key.startsWith(prefix))

interface LoggedEvent {
  readonly eventID: string
  readonly eventName: string
  readonly userIdentity: object
}

/** Each event of the lab's logs once, by its id. */
function loggedEvents(): Map<string, LoggedEvent> {
  const records = storedLogs(world.lab).flatMap(({ key }) => {
    const body = world.lab.bucket().get(key)?.body ?? Buffer.alloc(0)
    return (JSON.parse(gunzipSync(body).toString()) as { readonly Records: readonly LoggedEvent[] }).Records
  })
  return new Map(records.map((record) => [record.eventID, record]))
}

test('rows in the bucket equal the events of the logs, and a second run adds nothing', async () => {
  const prefix = newPrefix()
  const first = await world.run(['events', 'Z', ...to(prefix), '--output', 'json'], { env: { TMPDIR: tempRoot() } })
  expect(first).toMatchObject({ exitCode: 0, stdout: '' })
  const events = loggedEvents()
  const read = await bucketRows(world.archive, prefix)
  const other = await rowsOf(savedDataset(world.archive, prefix))
  for (const rows of [read, other]) {
    expect(new Set(rows.map(({ eventID }) => String(eventID)))).toEqual(new Set(events.keys()))
    expect(rows).toHaveLength(events.size)
    for (const { eventID, eventName, userIdentity } of rows) {
      const event = events.get(String(eventID))
      expect({ eventName, userIdentity: JSON.parse(String(userIdentity)) as unknown }).toEqual({
        eventName: event?.eventName,
        userIdentity: event?.userIdentity,
      })
    }
  }
  expect(read.every(({ account, log_account: logAccount }) => account === logAccount)).toBe(true)
  expect(JSON.parse(first.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
    to: `s3://${archiveName}/${prefix}`,
    dataset: { rows: events.size, known: 0 },
  })
  expect(readdirSync(tempRoot())).toEqual([])

  const files = keysOf(prefix)
  const second = await world.run(['events', 'Z', ...to(prefix), '--format', 'parquet'])
  expect(second.exitCode).toBe(0)
  expect(second.stderr).toContain(`${events.size.toLocaleString('en-US')} were there already`)
  expect(keysOf(prefix)).toEqual(files)
})

test('filters choose what is written, and a wider run adds the rest', async () => {
  const prefix = newPrefix()
  const filtered = await world.run(['events', 'Z', ...to(prefix), '--log-account', '222222222222', '--read-only'])
  expect(filtered.exitCode).toBe(0)
  const some = await bucketRows(world.archive, prefix)
  expect(some.length).toBeGreaterThan(0)
  expect(some.every(({ readOnly, account }) => readOnly === true && account === '222222222222')).toBe(true)
  expect(await world.run(['events', 'Z', ...to(prefix)])).toMatchObject({ exitCode: 0 })
  const rows = await bucketRows(world.archive, prefix)
  expect(rows.map(({ eventID }) => String(eventID)).toSorted()).toEqual([...loggedEvents().keys()].toSorted())
})

test('one session reads logs and writes the dataset, and can do nothing else', async () => {
  const prefix = newPrefix()
  expect(await world.run(['events', 'Z', ...to(prefix)])).toMatchObject({ exitCode: 0 })
  const policies = world.lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
  expect(policies).toHaveLength(1)
  expect(policies[0]).toContain(`arn:aws:s3:::${archiveName}/${prefix}*`)
  expect(policies[0]).toContain('s3:PutObject')
  expect(policies[0]).not.toContain('DeleteObject')
})

test('--to-account writes, and the other session only reads', async () => {
  const prefix = newPrefix()
  const args = ['events', 'Z', ...to(prefix, foreignName), '--to-account', 'Zarchive']
  expect(await world.run(args)).toMatchObject({ exitCode: 0 })
  expect(await bucketRows(world.foreign, prefix)).toHaveLength(loggedEvents().size)
  const policies = world.lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
  expect(policies.filter((policy) => policy.includes('s3:PutObject'))).toHaveLength(1)
  expect(policies.filter((policy) => policy.includes('AWSLogs'))).toHaveLength(1)
})

test('events of local files are written with the account that --to-account names', async () => {
  const [prefix, logs] = [newPrefix(), world.newPath()]
  expect(await world.run(['download', 'Z', '--to', logs])).toMatchObject({ exitCode: 0 })
  world.lab.requests.clear()
  expect(await world.run(['events', '--dir', logs, ...to(prefix)])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--to-account') as string,
  })
  expect(await world.run(['events', '--dir', logs, ...to(prefix), '--to-account', 'Z'])).toMatchObject({ exitCode: 0 })
  expect(await bucketRows(world.archive, prefix)).toHaveLength(loggedEvents().size)
  expect(world.lab.requests.count('AssumeRole')).toBe(1)
})

test('a refused listing ends the run, says which right is missing, and writes nothing', async () => {
  const prefix = newPrefix()
  world.lab.setFaults({
    hook: ({ operation, bucket }) =>
      operation === 'ListObjectsV2' && bucket === archiveName
        ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
        : undefined,
  })
  const { exitCode, stderr } = await world.run(['events', 'Z', ...to(prefix)])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('the role that writes needs s3:ListBucket')
  expect(keysOf(prefix)).toEqual([])
})

test('an account that may not copy is refused before anything is sent', async () => {
  const config = world.configWith((text) => text)
  const { exitCode, stderr } = await world.run(['events', 'Z', ...to(newPrefix())], {
    env: { CROSSTRAIL_CONFIG: config },
  })
  expect(exitCode).toBe(3)
  expect(stderr).toContain('account Z does not allow copy')
  expect(world.lab.requests.count()).toBe(0)
})

test.each([
  ['--to-account', 'Z'],
  ['--storage-class', 'STANDARD_IA'],
])('%s is refused without a bucket', async (option, value) => {
  const { exitCode, stderr } = await world.run(['events', 'Z', '--to', world.newPath(), option, value])
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`${option} works only with --to s3://…`)
})

/** The system's folder for temporary files, as the command sees it. */
function tempRoot(): string {
  mkdirSync(temp, { recursive: true })
  return temp
}
