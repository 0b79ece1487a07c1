import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { archive, archiveName, contentsOf, type CopyWorld, copyWorld, logContents } from './support/copy-world.ts'
import { jsonLines } from './support/crosstrail.ts'
import { storedLogs } from './support/stored-logs.ts'

const kmsKey = 'arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555'
const encrypted = ['copy', 'Z', '--to', `s3://${archiveName}/kms`, '--sse', 'aws:kms', '--kms-key', kmsKey]
const plain = ['copy', 'Z', '--to', archive]
let world: CopyWorld
let logs = 0

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 20, foreign: false } })
  logs = storedLogs(world.lab).length
  const bucket = world.lab.bucket()
  for (const key of bucket.keys()) bucket.put(key, bucket.get(key)?.body ?? '', { checksums: {} })
})
afterAll(() => world.stop())
beforeEach(() => world.lab.requests.clear())

const count = (operation: string) => world.lab.requests.count(operation)

/** Without the last line of `--verify`, which has the counts. */
function outcomesOf(stdout: string): Record<string, unknown>[] {
  return jsonLines(stdout).filter((line) => 'status' in line)
}

async function compared(args: readonly string[]): Promise<unknown[]> {
  const { exitCode, stdout } = await world.run([...args, '--output', 'json'])
  expect(exitCode).toBe(0)
  return outcomesOf(stdout).map(({ reason, comparedBy, verified }) => reason ?? verified ?? comparedBy)
}

test('makes a copy under KMS, and finds it again by its size with one HEAD', async () => {
  expect(await world.run(encrypted)).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.archive, 'kms/')).toEqual(logContents(world))
  world.lab.requests.clear()
  const { stdout } = await world.run([...encrypted, '--output', 'json'])
  expect(new Set(jsonLines(stdout).map(({ reason, comparedBy }) => `${String(reason)} ${String(comparedBy)}`))).toEqual(
    new Set(['present size']),
  )
  expect([count('CopyObject'), count('HeadObject'), count('GetObject')]).toEqual([0, logs, 0])
})

test('--verify reads copies under KMS if there are no checksums', async () => {
  const { exitCode, stdout } = await world.run([...encrypted, '--verify', '--output', 'json'])
  expect(exitCode).toBe(0)
  expect(new Set(outcomesOf(stdout).map(({ comparedBy }) => comparedBy))).toEqual(new Set(['content']))
  const none = { verified: 0, verifiedBy: {} }
  expect(jsonLines(stdout).at(-1)).toEqual({ verification: { ...none, present: logs, presentBy: { content: logs } } })
  expect([count('HeadObject'), count('GetObject')]).toEqual([2 * logs, 2 * logs])
})

test('under KMS a copy of the same size and other content passes without --verify, but not with it', async () => {
  const key = world.archive.keys().find((candidate) => candidate.startsWith('kms/')) ?? ''
  const good = world.archive.get(key)
  world.archive.put(key, Buffer.alloc(good?.body.length ?? 0), { kmsKeyArn: kmsKey })
  expect(await world.run(encrypted)).toMatchObject({ exitCode: 0 })
  const { exitCode, stderr } = await world.run([...encrypted, '--verify'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('1 object.differs')
  expect(await world.run([...encrypted, '--verify', '--overwrite'])).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.archive, 'kms/')).toEqual(logContents(world))
})

test('--verify checks new copies by ETag, or by content if the target is under KMS', async () => {
  const to = (prefix: string) => ['copy', 'Z', '--to', `s3://${archiveName}/${prefix}`, '--verify']
  expect(new Set(await compared(to('verified')))).toEqual(new Set(['md5']))
  expect(count('HeadObject')).toBe(0)
  const asked = await compared([...to('verified-kms'), '--sse', 'aws:kms', '--kms-key', kmsKey])
  expect(new Set(asked)).toEqual(new Set(['content']))
})

test('--verify reports how many copies were verified and how: on stderr, in JSON and in the journal', async () => {
  const journals = world.newPath()
  const args = ['copy', 'Z', '--to', `s3://${archiveName}/counted`, '--verify', '--journal-dir', journals]
  const made = await world.run([...args, '--output', 'json'])
  const none = { present: 0, presentBy: {} }
  expect(jsonLines(made.stdout).at(-1)).toEqual({
    verification: { verified: logs, verifiedBy: { md5: logs }, ...none },
  })
  expect(made.stderr).toContain(`verified: ${logs} copies, ${logs} by MD5\n`)
  const [journal = ''] = readdirSync(journals)
  expect(jsonLines(readFileSync(join(journals, journal), 'utf8')).at(-1)).toMatchObject({
    verification: { verified: logs, verifiedBy: { md5: logs } },
  })
  const again = await world.run(args)
  expect(again.stderr).toContain('verified: 0 copies\n')
  expect(again.stderr).toContain(`compared: ${logs} existing copies, ${logs} by MD5\n`)
  expect((await world.run(['copy', 'Z', '--to', `s3://${archiveName}/counted`])).stderr).not.toContain('verified:')
})

test('--verify fails for a copy that differs', async () => {
  world.lab.setFaults({
    hook: ({ operation, bucket, key }) => {
      const object = operation === 'HeadObject' && bucket === archiveName ? world.archive.get(key) : undefined
      if (object !== undefined) world.archive.put(key, Buffer.alloc(object.body.length), { kmsKeyArn: kmsKey })
      return undefined
    },
  })
  const args = ['copy', 'Z', '--to', `s3://${archiveName}/wrong`, '--verify', '--max-objects', '1']
  const { exitCode, stderr } = await world.run([...args, '--sse', 'aws:kms', '--kms-key', kmsKey])
  world.lab.setFaults({})
  expect(exitCode).toBe(1)
  expect(stderr).toContain('1 object.wrong-copy')
})

test('an archived copy that cannot be read does not count as verified', async () => {
  const args = ['copy', 'Z', '--to', `s3://${archiveName}/cold`, '--verify', '--max-objects', '1']
  const how = ['--sse', 'aws:kms', '--kms-key', kmsKey, '--storage-class', 'DEEP_ARCHIVE']
  const { exitCode, stderr } = await world.run([...args, ...how])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('1 object.unverified')
})

test('replaced copies count against --max-objects', async () => {
  for (const key of world.archive.keys().filter((candidate) => candidate.startsWith('verified/'))) {
    world.archive.put(key, Buffer.alloc(world.archive.get(key)?.body.length ?? 0))
  }
  const args = ['copy', 'Z', '--to', `s3://${archiveName}/verified`, '--overwrite', '--max-objects', '2']
  expect(await world.run(args)).toMatchObject({ exitCode: 0 })
  expect(count('CopyObject')).toBe(2)
})

test('copies a trail under KMS to a bucket without KMS, and finds the copies again', async () => {
  const bucket = world.lab.bucket()
  for (const key of bucket.keys()) {
    bucket.put(key, bucket.get(key)?.body ?? '', {
      ...bucket.get(key),
      kmsKeyArn: kmsKey,
      etag: `${key.length}`.padStart(32, 'e'),
    })
  }
  expect(await world.run(plain)).toMatchObject({ exitCode: 0 })
  expect(new Set(await compared(plain))).toEqual(new Set(['present']))
  expect(new Set(await compared([...plain, '--verify']))).toEqual(new Set(['present']))
})

test('compares two objects by their checksums without reading them', async () => {
  const bucket = world.lab.bucket()
  for (const key of bucket.keys()) bucket.put(key, bucket.get(key)?.body ?? '', { withCrc32: true })
  const args = ['copy', 'Z', '--to', `s3://${archiveName}/summed`, '--sse', 'aws:kms', '--kms-key', kmsKey, '--verify']
  expect(new Set(await compared(args))).toEqual(new Set(['crc32']))
  expect(count('GetObject')).toBe(0)
})
