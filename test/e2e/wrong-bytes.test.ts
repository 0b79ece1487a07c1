import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { contentsOf, type CopyWorld, copyWorld, foreignArchive } from './support/copy-world.ts'
import { jsonLines } from './support/crosstrail.ts'
import { type Change, middlebox, sayNothing } from './support/middlebox.ts'
import { storedLogs } from './support/stored-logs.ts'

const largeKeys = Object.keys(sayNothing).map(
  (_, at) =>
    `AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0005Z_LargeLargeLarge${at}.json.gz`,
)
const maxAttempts = 2
let world: CopyWorld
let victims: readonly string[]

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 40, foreign: false } })
  const body = Buffer.from(Uint8Array.from({ length: 9 * 1024 ** 2 }, (_, at) => (at * 31) ^ (at >> 8)))
  for (const key of largeKeys) world.lab.bucket().put(key, body)
  victims = storedLogs(world.lab)
    .filter(({ kind, key }) => kind === 'events' && !largeKeys.includes(key))
    .map(({ key }) => key)
    .slice(0, Object.keys(sayNothing).length)
})
afterAll(() => world.stop())
beforeEach(() => {
  world.lab.setFaults({})
  world.lab.requests.clear()
})

/** Each key gets another of the ETags that say nothing about the body. */
function change(keys: readonly string[], body?: Change['body']): void {
  const etags = Object.values(sayNothing)
  world.lab.setFaults({
    hook: middlebox(
      Object.fromEntries(keys.map((key, at) => [key, { etag: etags[at] ?? sayNothing['no ETag'], body }])),
    ),
  })
}

/** A readable log of that length. Zeros after a gzip are ignored. */
function evil(body: Buffer): Buffer {
  const log = gzipSync('{"Records":[{"eventID":"evil"}]}')
  return Buffer.concat([log, Buffer.alloc(body.length - log.length)])
}

function withWrongByte(body: Buffer): Buffer {
  const wrong = Buffer.from(body)
  wrong[0] = (wrong[0] ?? 0) ^ 1
  return wrong
}

async function outcomesOf(args: readonly string[]) {
  const attempts = ['--max-attempts', String(maxAttempts)]
  const { exitCode, stdout } = await world.run([...args, '--output', 'json', ...attempts])
  const lines = jsonLines(stdout)
  const failed = lines
    .filter(({ status }) => status === 'failed')
    .map(({ key, code }) => `${String(key)} ${String(code)}`)
  return { exitCode, failed: failed.sort(), done: lines.filter(({ status }) => status === 'done') }
}

const corrupt = (keys: readonly string[]): string[] => keys.map((key) => `${key} object.corrupt`).sort()

const readsOf = (wanted: string): number =>
  world.lab.requests.recent('GetObject').filter(({ key }) => key === wanted).length

const small = ['--exclude', '*LargeLarge*']
const since = ['--since', '2026-10-31', ...small]

test.each<[string, (to: string) => string[]]>([
  ['download', (to) => ['download', 'Z', '--to', to, ...small]],
  ['download --decompress', (to) => ['download', 'Z', '--to', to, '--decompress', ...small]],
  ['pull', (to) => ['pull', 'Z', '--to', to, ...since]],
  ['pull --exec', (to) => ['pull', 'Z', '--to', to, '--exec', 'true', ...since]],
])('%s stores only the listed body, with any ETag in the answer', async (_name, args) => {
  change(victims, evil)
  const to = world.newPath()
  const { exitCode, failed, done } = await outcomesOf(args(to))
  expect(exitCode).toBe(1)
  expect(failed).toEqual(corrupt(victims))
  for (const key of victims) {
    expect([readsOf(key), existsSync(join(to, key)), existsSync(join(to, key.slice(0, -3)))]).toEqual([
      maxAttempts,
      false,
      false,
    ])
  }
  expect(done.length).toBeGreaterThan(30)
})

test('pull --format ndjson writes only events of the listed body', async () => {
  change(victims, evil)
  const to = world.newPath()
  const { exitCode, failed } = await outcomesOf(['pull', 'Z', '--to', to, '--format', 'ndjson', ...since])
  expect(exitCode).toBe(1)
  expect(failed).toEqual(corrupt(victims))
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ndjson'))
  expect(files.length).toBeGreaterThan(0)
  expect(files.map((file) => readFileSync(join(to, file), 'utf8')).join('')).not.toContain('evil')
})

test.each<[string, string, (to: string) => string[]]>([
  ['copy', 'copied/', (to) => ['copy', 'Z', '--to', to, ...small]],
  ['pull', 'pulled/', (to) => ['pull', 'Z', '--to', to, '--state', world.newPath(), ...since]],
])('%s to the bucket of another account stores only the listed body', async (_name, prefix, args) => {
  change(victims, evil)
  const to = `${foreignArchive.replace(/trail$/, '')}${prefix}`
  const { exitCode, failed } = await outcomesOf([...args(to), '--to-account', 'Zarchive'])
  expect(exitCode).toBe(1)
  expect(failed).toEqual(corrupt(victims))
  const stored = Object.keys(contentsOf(world.foreign, prefix))
  expect(stored.length).toBeGreaterThan(30)
  for (const key of victims) expect([readsOf(key), stored.includes(key)]).toEqual([maxAttempts, false])
})

test('accepts a body with the listed MD5, with any ETag in the answer', async () => {
  change(victims)
  const { exitCode, failed, done } = await outcomesOf(['download', 'Z', '--to', world.newPath(), ...small])
  expect([exitCode, failed]).toEqual([0, []])
  const checked = done.filter(({ key }) => victims.includes(String(key))).map((outcome) => outcome['checked'])
  expect(checked).toEqual(victims.map(() => 'length+md5'))
})

test('checks a large body while it streams, with any ETag in the answer', async () => {
  const to = world.newPath()
  const download = ['download', 'Z', '--to', to, '--include', '*LargeLarge*']
  change(largeKeys, withWrongByte)
  expect(await outcomesOf(download)).toMatchObject({ exitCode: 1, done: [], failed: corrupt(largeKeys) })
  for (const key of largeKeys) expect([readsOf(key), existsSync(join(to, key))]).toEqual([maxAttempts, false])
  change(largeKeys)
  const { exitCode, done } = await outcomesOf(download)
  expect([exitCode, done.map(({ checked }) => checked)]).toEqual([0, largeKeys.map(() => 'length+md5')])
})

test('checks a copy in parts before it is complete, with any ETag in the answers', async () => {
  const to = ['--to', foreignArchive, '--to-account', 'Zarchive']
  const copy = ['copy', 'Z', ...to, '--include', '*LargeLarge*']
  change(largeKeys, withWrongByte)
  const changed = await outcomesOf(copy)
  expect(changed).toMatchObject({ exitCode: 1, done: [] })
  // The last attempt of an object may be on a connection that a wrong byte of another object has closed.
  const allowed = largeKeys.map((key) => [`${key} object.corrupt`, `${key} network.broken`])
  expect(changed.failed).toHaveLength(largeKeys.length)
  for (const codes of allowed) expect(codes.some((code) => changed.failed.includes(code))).toBe(true)
  expect(changed.failed.join()).toContain('object.corrupt')
  expect(contentsOf(world.foreign)).toEqual({})
  expect(world.lab.requests.count('CreateMultipartUpload')).toBe(largeKeys.length * maxAttempts)
  change(largeKeys)
  const { exitCode, done } = await outcomesOf(copy)
  expect([exitCode, done.map(({ mode }) => mode)]).toEqual([0, largeKeys.map(() => 'streamed-parts')])
})

test('an ETag of another version is a change if a second answer confirms it', async () => {
  const [key = ''] = victims
  world.lab.setFaults({ hook: middlebox({ [key]: { etag: () => `"${'0'.repeat(32)}"` } }) })
  const { exitCode, failed } = await outcomesOf(['download', 'Z', '--to', world.newPath(), ...small])
  expect([exitCode, failed, readsOf(key)]).toEqual([1, [`${key} object.changed`], 2])
})
