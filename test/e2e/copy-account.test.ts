import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { contentsOf, type CopyWorld, copyWorld, foreignArchive, logContents } from './support/copy-world.ts'
import { jsonLines } from './support/crosstrail.ts'

const copy = ['copy', 'Z', '--to', foreignArchive, '--to-account', 'Zarchive']
const largeKey =
  'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0005Z_LargeLargeLarge1.json.gz'
let world: CopyWorld

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 60 } })
  const body = Buffer.from(Uint8Array.from({ length: 20 * 1024 ** 2 }, (_, at) => (at * 31) ^ (at >> 8)))
  world.lab.bucket().put(largeKey, body, { metadata: { signature: 'c0ffee' }, contentType: 'application/json' })
})
afterAll(() => world.stop())
beforeEach(() => {
  world.lab.setFaults({})
  world.lab.requests.clear()
})

test('refuses a bucket of another owner without --to-account', async () => {
  const { exitCode, stderr } = await world.run(['copy', 'Z', '--to', foreignArchive])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('--to-owner')
  expect(world.foreign.keys()).toEqual([])
})

test('with --to-account one role reads bodies and the other writes them with metadata, small and large', async () => {
  const { exitCode, stdout } = await world.run([...copy, '--output', 'json'])
  expect(exitCode).toBe(0)
  expect(contentsOf(world.foreign)).toEqual(logContents(world))
  const large = jsonLines(stdout).find(({ key }) => key === largeKey)
  expect(large).toMatchObject({ status: 'done', mode: 'streamed-parts' })
  expect(world.lab.requests.count('UploadPart')).toBe(3)
  expect(world.lab.requests.count('CopyObject')).toBe(0)
})

test('each of the two sessions has only the rights for its part', async () => {
  expect(await world.run([...copy, '--dry-run'])).toMatchObject({ exitCode: 0 })
  const policies = world.lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
  const [writing = '', reading = ''] = policies
  expect(policies).toHaveLength(2)
  expect(writing).toContain('arn:aws:s3:::z-archive/trail/*')
  expect(writing).not.toContain('example-cloudtrail-logs')
  expect(reading).toContain('arn:aws:s3:::example-cloudtrail-logs/AWSLogs/*')
  expect(reading).not.toMatch(/z-archive|PutObject/)
})

test('skips existing copies, and requests only what the listings do not show', async () => {
  const { exitCode } = await world.run(copy)
  expect(exitCode).toBe(0)
  expect(world.lab.requests.count('GetObject') + world.lab.requests.count('PutObject')).toBe(0)
  expect(world.lab.requests.recent('HeadObject').map(({ key }) => key)).toEqual([`trail/${largeKey}`])
})

test('--verify compares the copy in parts by its content', async () => {
  const { exitCode, stdout } = await world.run([...copy, '--verify', '--output', 'json'])
  expect(exitCode).toBe(0)
  const large = jsonLines(stdout).find(({ key }) => key === largeKey)
  expect(large).toMatchObject({ reason: 'present', comparedBy: 'content' })
})

test('refuses a wrong owner of the target before it writes', async () => {
  const args = ['copy', 'Z', '--to', 's3://z-archive/other', '--to-account', 'Zarchive', '--to-owner', labAccounts.B]
  const { exitCode, stderr } = await world.run(args)
  expect(exitCode).toBe(3)
  expect(stderr).toContain(labAccounts.B)
  expect(contentsOf(world.foreign, 'other/')).toEqual({})
})

test('refuses an account whose allow lacks copy, for reading and writing', async () => {
  const config = world.configWith((text) => text)
  const { exitCode, stderr } = await world.run(['copy', 'Z', '--to', foreignArchive, '--to-account', 'B'], {
    env: { CROSSTRAIL_CONFIG: config },
  })
  expect(exitCode).toBe(3)
  expect(stderr).toContain('account B does not allow copy')
  expect(world.lab.requests.count()).toBe(0)
})
