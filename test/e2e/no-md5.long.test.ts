import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createCrc64Nvme } from '../../src/disk/crc64-nvme.ts'
import { contentsOf, type CopyWorld, copyWorld, foreignArchive, logContents } from './support/copy-world.ts'
import { jsonLines } from './support/crosstrail.ts'
import { mayDelete } from './support/delete-world.ts'
import { labWorld } from './support/lab-world.ts'
import { keysOf, mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

const noMd5 = { NODE_OPTIONS: `--require ${resolve(import.meta.dirname, 'support/no-md5.cjs')}` }
const largeKey =
  'AWSLogs/222222222222/CloudTrail/us-east-1/2025/01/02/222222222222_CloudTrail_us-east-1_20250102T0005Z_LargeLargeLarge1.json.gz'
const largeBody = Buffer.from(Uint8Array.from({ length: 9 * 1024 ** 2 }, (_, at) => (at * 31) ^ (at >> 8)))
let world: CopyWorld
let logs: readonly StoredLog[]

beforeEach(async () => {
  const window = { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 8) }
  world = await copyWorld({ sample: { objects: 30, foreign: false, window } })
  logs = storedLogs(world.lab)
})
afterEach(() => world.stop())

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  world.run(args, { env: { ...noMd5, ...env } })

const copy = ['copy', 'Z', '--to', foreignArchive, '--to-account', 'Zarchive', '--output', 'json']

async function putLarge(withCrc64: boolean): Promise<void> {
  const crc64 = createCrc64Nvme()
  crc64.update(largeBody)
  const checksums = { crc64nvme: Buffer.from(await crc64.digest()).toString('base64') }
  world.lab.bucket().put(largeKey, largeBody, withCrc64 ? { checksums } : {})
}

const taken = (stdout: string) => jsonLines(stdout).filter(({ reason }) => reason !== 'unselected')

function joinsAreLost(): void {
  const lost = {
    fault: 'resetBeforeHeaders',
    probability: 1,
    times: 1,
    operations: ['CompleteMultipartUpload'],
  } as const
  world.lab.setFaults({ rules: [lost] })
}

test('without MD5 a copy to another account sends the SHA-256 of each body instead', async () => {
  await putLarge(false)
  const { exitCode, stderr } = await run(copy)
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.foreign)).toEqual(logContents(world))
  const sums = world.lab.requests
    .recent('PutObject')
    .map(({ headers }) => [headers['content-md5'], headers['x-amz-checksum-sha256']])
  expect(sums).toEqual(logs.map(() => [undefined, expect.any(String)]))
})

test('without MD5 a copy is still checked by the stored checksum and by its ETag', async () => {
  const [wrong, replaced] = logs.filter(({ kind }) => kind === 'events')
  if (wrong === undefined || replaced === undefined) throw new Error('too few logs')
  world.lab.setFaults({
    hook: ({ operation, key }) => {
      if (operation === 'GetObject' && key === wrong.key) return 'wrongByte'
      if (operation !== 'PutObject' || !key.endsWith(replaced.key)) return undefined
      return { rewrite: (reply) => ({ ...reply, headers: { ...reply.headers, etag: `"${'0'.repeat(32)}"` } }) }
    },
  })
  const { exitCode, stdout } = await run([...copy, '--max-attempts', '2'])
  const failed = jsonLines(stdout).filter(({ status }) => status === 'failed')
  expect(exitCode).toBe(1)
  expect(new Map(failed.map(({ key, code }) => [key, code]))).toEqual(
    new Map([
      [wrong.key, 'object.corrupt'],
      [replaced.key, 'object.wrong-copy'],
    ]),
  )
})

test('without MD5 an upload whose last answer was lost succeeds if the CRC64 proves it', async () => {
  await putLarge(true)
  joinsAreLost()
  const { exitCode, stdout } = await run([...copy, '--include', '*LargeLarge*'])
  expect(taken(stdout)).toMatchObject([{ key: largeKey, status: 'done', mode: 'streamed-parts' }])
  expect(exitCode).toBe(0)
  expect(world.lab.requests.count('CompleteMultipartUpload')).toBe(2)
})

test('without MD5 an upload whose last answer was lost fails if nothing proves it', async () => {
  await putLarge(false)
  joinsAreLost()
  const { exitCode, stdout } = await run([...copy, '--include', '*LargeLarge*'])
  expect(taken(stdout)).toMatchObject([{ key: largeKey, status: 'failed', code: 'object.upload-gone' }])
  expect(exitCode).toBe(1)
})

test('without MD5 delete --archived-dir reads each object, and keeps one that differs by one byte', async () => {
  const [altered, missing, ...same] = logs
  if (altered === undefined || missing === undefined) throw new Error('too few logs')
  const dir = world.newPath()
  const write = (key: string, body: Buffer): void => {
    mkdirSync(dirname(join(dir, key)), { recursive: true })
    writeFileSync(join(dir, key), body)
  }
  for (const { key, object } of same) write(key, object.body)
  const other = Buffer.from(altered.object.body)
  other[20] = (other[20] ?? 0) ^ 1
  write(altered.key, other)
  const config = world.configWith(mayDelete)
  const remove = ['delete', 'Z', '--older-than', '1d', '--archived-dir', dir, '--yes', '--config', config]
  const { exitCode, stderr } = await run(remove)
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(keysOf(storedLogs(world.lab))).toEqual(keysOf([altered, missing]))
  expect(world.lab.requests.count('GetObject')).toBe(logs.length - 1)
})

test('without MD5 delete --archived-in compares as usual', async () => {
  const [altered, kms, ...same] = logs
  if (altered === undefined || kms === undefined) throw new Error('too few logs')
  const put = (key: string, body: Buffer, etag?: string) =>
    world.archive.put(`trail/${key}`, body, etag === undefined ? {} : { etag })
  for (const { key, object } of same) put(key, object.body)
  const other = Buffer.from(altered.object.body)
  other[20] = (other[20] ?? 0) ^ 1
  put(altered.key, other)
  put(kms.key, kms.object.body, `${'0'.repeat(32)}-2`)
  const config = world.configWith(mayDelete)
  const archive = ['--archived-in', 's3://example-archive/trail']
  const { exitCode, stderr } = await run(['delete', 'Z', '--older-than', '1d', ...archive, '--yes', '--config', config])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(keysOf(storedLogs(world.lab))).toEqual(keysOf([altered]))
})

test('without MD5 a download is checked by the stored checksum, and downloaded again if it cannot be compared', async () => {
  const [first] = logs
  const to = world.newPath()
  const download = ['download', 'Z', '--to', to, '--output', 'json']
  const { exitCode, stdout } = await run(download)
  expect(exitCode).toBe(0)
  expect(new Set(jsonLines(stdout).map(({ checked }) => checked))).toEqual(new Set(['length+crc32']))
  expect(treeOf(to)).toEqual(mirrorOf(logs))
  utimesSync(join(to, first?.key ?? ''), 1, 1)
  const again = jsonLines((await run(download)).stdout).filter(({ status }) => status === 'done')
  expect(again.map(({ key }) => key)).toEqual([first?.key])
})

test.each([[['pull', 'Z', '--format', 'ndjson', '--since', '2024-12-01']], [['pull', 'Z', '--since', '2024-12-01']]])(
  'works without MD5: %j',
  async (args) => {
    const to = world.newPath()
    const { exitCode, stderr } = await run([...args, '--to', to])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(existsSync(to)).toBe(true)
  },
)

test('without MD5 verify proves the bucket, and a mirror with the keys that it saved', async () => {
  const window = { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 1, 3) }
  const signed = await labWorld({
    sample: { objects: 30, regions: ['us-east-1'], foreign: false, digests: true, window },
  })
  onTestFinished(() => signed.stop())
  const config = signed.configWith((text) => text.replaceAll('download]', 'download, verify]'))
  const [keys, to] = [signed.newPath(), signed.newPath()]
  const verify = async (args: readonly string[]) => {
    const days = ['--from', '2025-01-01', '--until', '2025-01-01T03:00:00Z']
    const { exitCode, stderr } = await signed.run(['verify', ...args, ...days], { env: noMd5 })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stderr).toContain('30 logs of 30')
  }
  await verify(['Z', '--config', config, '--save-keys', keys])
  expect((await signed.run(['download', 'Z', '--to', to], { env: noMd5 })).exitCode).toBe(0)
  await verify(['--dir', to, '--keys', keys])
})

test('doctor works without MD5', async () => {
  const steps = async (env: Readonly<Record<string, string>>) => {
    const { exitCode, stdout } = await world.run(['doctor', 'Z', '--output', 'json'], { env })
    return [exitCode, jsonLines(stdout).map(({ step, status, code }) => [step, status, code])]
  }
  expect(await steps(noMd5)).toEqual(await steps({}))
})

test('without MD5 the lab makes logs that a Node with MD5 downloads', async () => {
  const folder = world.newPath()
  const lab = world.start(['lab', '--dir', folder, '--objects', '20', '--digests'], { env: noMd5 })
  onTestFinished(() => void lab.child.kill('SIGKILL'))
  let said = ''
  lab.child.stdout?.on('data', (text: string) => (said += text))
  while (!said.includes('Press Ctrl-C to stop the lab') && lab.child.exitCode === null) await sleep(50)
  const env = Object.fromEntries(
    [...readFileSync(join(folder, 'lab.env'), 'utf8').matchAll(/^export (\w+)='(.*)'$/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  )
  const download = await world.run(['download', 'Z', '--kind', 'events', '--to', world.newPath(), '--output', 'json'], {
    env,
  })
  lab.child.kill('SIGINT')
  expect(await lab.result).toMatchObject({ exitCode: 0 })
  expect(download.exitCode).toBe(0)
  const done = jsonLines(download.stdout).filter(({ status }) => status === 'done')
  expect(done.length).toBeGreaterThan(5)
  expect(done.filter(({ checked }) => String(checked).includes('md5'))).toEqual([])
})
