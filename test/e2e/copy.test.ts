import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { archive, contentsOf, type CopyWorld, copyWorld, logContents } from './support/copy-world.ts'
import { jsonLines } from './support/crosstrail.ts'
import { keysOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { journalsIn, modesOf } from './support/tree.ts'

let world: CopyWorld
let logs: readonly StoredLog[]
let journals: string
const copy = ['copy', 'Z', '--to', archive]

const window = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 1, 4) }

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 120, digests: true, window } })
  logs = storedLogs(world.lab)
  for (const { key, object } of logs.slice(0, 3)) {
    const metadata = { signature: 'c0ffee', 'with-umlaut': 'pr=C3=BCfung' }
    world.lab.bucket().put(key, object.body, { metadata, contentType: 'application/json', contentEncoding: 'gzip' })
  }
  journals = join(world.env['HOME'] ?? '', '.local/state/crosstrail')
  expect(await world.run(copy)).toMatchObject({ exitCode: 0, stdout: '' })
})
afterAll(() => world.stop())
beforeEach(() => world.lab.requests.clear())

const counts = (...operations: readonly string[]) => operations.map((operation) => world.lab.requests.count(operation))

test('the copies below the prefix equal the logs with their metadata, and there is nothing else', () => {
  expect(contentsOf(world.archive)).toEqual(logContents(world))
})

test('the journal has a line with the target for each log, and only its owner can read it', () => {
  const [[head, ...lines] = []] = journalsIn(journals)
  expect(head).toMatchObject({
    verb: 'copy',
    target: { bucket: 'example-archive', owner: '111111111111', region: 'us-east-1' },
    options: { to: `${archive}/`, verify: false },
  })
  const done = lines.filter(({ status }) => status === 'done')
  expect(done.map(({ key }) => String(key)).sort()).toEqual(keysOf(logs))
  expect(done.every(({ key, target, mode }) => target === `${archive}/${String(key)}` && mode === 'server-side')).toBe(
    true,
  )
  expect(lines.at(-1)).toMatchObject({ interrupted: false, done: logs.length, failed: 0 })
  const modes = modesOf(join(journals, '..'))
  expect(modes).toEqual({ files: new Set(['600']), folders: new Set(['700']) })
})

test('a second run copies nothing, finds all copies and requests no object', async () => {
  const { exitCode, stderr } = await world.run(copy)
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`${logs.length} present, 1 foreign`)
  expect(counts('CopyObject', 'HeadObject', 'GetObject')).toEqual([0, 0, 0])
})

test('a second run with --verify requests no object if ETags are MD5s', async () => {
  expect(await world.run([...copy, '--verify'])).toMatchObject({ exitCode: 0 })
  expect(counts('CopyObject', 'HeadObject', 'GetObject')).toEqual([0, 0, 0])
})

test('copies only what is missing', async () => {
  const missing = keysOf(logs).slice(10, 13)
  for (const key of missing) world.archive.delete(`trail/${key}`)
  expect(await world.run(copy)).toMatchObject({ exitCode: 0 })
  expect(counts('CopyObject', 'HeadObject')).toEqual([3, 0])
  expect(contentsOf(world.archive)).toEqual(logContents(world))
})

test('a copy that differs fails and is kept, until --overwrite replaces it', async () => {
  const [shorter = '', changed = ''] = keysOf(logs)
  world.archive.put(`trail/${shorter}`, 'short')
  world.archive.put(`trail/${changed}`, Buffer.alloc(world.lab.bucket().get(changed)?.body.length ?? 0))
  const kept = await world.run([...copy, '--output', 'json'])
  expect(kept.exitCode).toBe(1)
  const failures = jsonLines(kept.stdout).filter(({ code }) => code === 'object.differs')
  expect(failures.map(({ key }) => String(key)).sort()).toEqual([shorter, changed])
  expect(world.archive.get(`trail/${shorter}`)?.body.toString()).toBe('short')
  world.lab.requests.clear()
  expect(await world.run([...copy, '--overwrite'])).toMatchObject({ exitCode: 0 })
  expect(counts('CopyObject')).toEqual([2])
  expect(contentsOf(world.archive)).toEqual(logContents(world))
})

test('a dry run shows what would be copied, and changes nothing, not even the journal folder', async () => {
  const [missing = ''] = keysOf(logs)
  world.archive.delete(`trail/${missing}`)
  const journalDir = world.newPath()
  const { exitCode, stdout } = await world.run([...copy, '--dry-run', '--journal-dir', journalDir])
  expect(exitCode).toBe(0)
  expect(stdout).toContain(missing)
  expect(stdout.trimEnd().split('\n')).toHaveLength(2)
  expect(counts('CopyObject', 'PutObject')).toEqual([0, 0])
  expect(() => readFileSync(journalDir)).toThrow('ENOENT')
  expect(await world.run(copy)).toMatchObject({ exitCode: 0 })
})

test('sets the requested storage class, tags, ACL and KMS key, and keeps the metadata', async () => {
  const kmsKey = 'arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555'
  const to = 's3://example-archive/styled'
  const how = ['--storage-class', 'STANDARD_IA', '--sse', 'aws:kms', '--kms-key', kmsKey]
  const more = ['--tag', 'keep=7y', '--tag', 'by=a=b', '--acl', 'bucket-owner-full-control', '--max-objects', '5']
  expect(await world.run(['copy', 'Z', '--to', to, ...how, ...more])).toMatchObject({ exitCode: 0 })
  const copies = world.archive.keys().filter((key) => key.startsWith('styled/'))
  expect(copies).toHaveLength(5)
  for (const key of copies) {
    const source = world.lab.bucket().get(key.slice('styled/'.length))
    expect(world.archive.get(key)).toMatchObject({
      storageClass: 'STANDARD_IA',
      kmsKeyArn: kmsKey,
      acl: 'bucket-owner-full-control',
      tags: { keep: '7y', by: 'a=b' },
      metadata: source?.metadata,
      body: source?.body,
    })
  }
})

test('does not copy a log that was replaced after it was listed', async () => {
  const [{ key } = { key: '' }] = logs
  world.archive.delete(`trail/${key}`)
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation === 'CopyObject') world.lab.bucket().put(key, 'replaced')
      return undefined
    },
  })
  const { exitCode, stderr } = await world.run(copy)
  world.lab.setFaults({})
  expect(exitCode).toBe(1)
  expect(stderr).toContain('object.changed')
  expect(world.archive.get(`trail/${key}`)).toBeUndefined()
  expect(await world.run(copy)).toMatchObject({ exitCode: 0 })
})

test('retries an error inside a 200 if it is temporary, and fails if not', async () => {
  const [, { key } = { key: '' }] = logs
  world.archive.delete(`trail/${key}`)
  world.lab.setFaults({ rules: [{ fault: 'errorInside200', probability: 1, operations: ['CopyObject'] }] })
  const failed = await world.run([...copy, '--max-attempts', '2'])
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toContain('bucket.server-error')
  expect(world.archive.get(`trail/${key}`)).toBeUndefined()
  world.lab.setFaults({ rules: [{ fault: 'errorInside200', probability: 1, operations: ['CopyObject'], times: 3 }] })
  expect(await world.run(copy)).toMatchObject({ exitCode: 0 })
  world.lab.setFaults({})
  expect(contentsOf(world.archive)).toEqual(logContents(world))
})

test.each(['s3://example-cloudtrail-logs', 's3://example-cloudtrail-logs/AWSLogs/222222222222'])(
  'refuses copies to %s, among the logs themselves, before any call',
  async (to) => {
    const { exitCode, stderr } = await world.run(['copy', 'Z', '--to', to])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("among the trail's own keys")
    expect(world.lab.requests.count()).toBe(0)
  },
)

test('copies below another prefix of the same bucket are not logs of the trail', async () => {
  expect(await world.run(['copy', 'Z', '--to', 's3://example-cloudtrail-logs/kept'])).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.lab.bucket(), 'kept/')).toEqual(logContents(world))
  const { stdout } = await world.run(['list', 'Z', '--output', 'json'])
  expect(jsonLines(stdout)).toHaveLength(logs.length)
})

test('accepts a prefix with any letters, and finds its copies again', async () => {
  const args = ['copy', 'Z', '--to', 's3://example-archive/2026 + prüfung/😀', '--log-account', '222222222222']
  expect(await world.run(args)).toMatchObject({ exitCode: 0 })
  const copies = Object.keys(contentsOf(world.archive, '2026 + prüfung/😀/'))
  expect(copies).toEqual(keysOf(logs.filter(({ logAccount }) => logAccount === '222222222222')))
  world.lab.requests.clear()
  expect(await world.run(args)).toMatchObject({ exitCode: 0 })
  expect(counts('CopyObject', 'HeadObject')).toEqual([0, 0])
})

test('refuses a wrong owner of the trail, and copies nothing', async () => {
  const config = world.configWith((text) =>
    text.replace('owner: "111111111111"', 'owner: "555555555555"').replaceAll('download]', 'download, copy]'),
  )
  const { exitCode } = await world.run(['copy', 'Z', '--to', archive], { env: { CROSSTRAIL_CONFIG: config } })
  expect(exitCode).toBe(3)
  expect(counts('CopyObject')).toEqual([0])
})
