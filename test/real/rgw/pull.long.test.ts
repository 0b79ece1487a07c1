import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crosstrail, jsonLines, type CommandResult } from './built-command.ts'
import { makeClientFolder, type ClientFolder } from './client-folder.ts'
import { type Logs, redate, rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, ownerClient, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'

/** The real logs, moved to the last minutes: a pull uses S3's clock, which cannot be set here. */
const recent = redate(sampleLogs(), Date.now() - 5 * 60_000)
const archive: Logs = new Map(
  ['222222222222', '333333333333', '444444444444'].flatMap((account) => [...rehome(recent, account)]),
)
const byStamp = [...archive.keys()].sort((a, b) => (nameOf(a).slice(12) < nameOf(b).slice(12) ? -1 : 1))
const late = only(byStamp.slice(3, 9))
const punctual = byStamp.filter((key) => !late.has(key))
const half = Math.floor(punctual.length / 2)
const newest = String(punctual.at(-1))
/** A log of the newest minute, with a name before all others, and the events of a log that already came. */
const twin: Logs = new Map([
  [newest.replace(/_\w{16}(?=\.json\.gz$)/, '_0000000000000000'), archive.get(newest) ?? Buffer.alloc(0)],
])
const everyLog: Logs = new Map([...archive, ...twin])

/** What is delivered before each pull, and how much of it is new. */
const deliveries: readonly { readonly what: string; readonly logs: Logs; readonly fresh: number }[] = [
  { what: 'the first half', logs: only(punctual.slice(0, half)), fresh: half },
  { what: 'the second half', logs: only(punctual.slice(half)), fresh: punctual.length - half },
  { what: 'logs with earlier stamps, late', logs: late, fresh: late.size },
  { what: 'a log of a minute already taken, with a smaller suffix', logs: twin, fresh: 1 },
  { what: 'logs that were delivered before', logs: only(punctual.slice(0, 20)), fresh: 0 },
  { what: 'nothing', logs: new Map(), fresh: 0 },
]

const events = new Map([...everyLog.values()].flatMap(recordsOf).map((event) => [event['eventID'], event]))
/** Small enough that some files become full. */
const rotateAt = `${Math.floor(JSON.stringify([...events.values()]).length / 5)}B`

/** RGW refuses session policies that name KMS. */
const wide = '--no-session-policy'
const copyTarget = 's3://example-cloudtrail-logs/kept'

/** The arguments for each kind of target. `folder` is a separate folder for files and state. */
const targets = {
  files: (folder: string) => ['--to', folder],
  json: (folder: string) => ['Z', '--to', folder, '--decompress'],
  events: (folder: string) => ['--to', folder, '--format', 'ndjson', '--rotate', rotateAt],
  command: (folder: string) => ['--to', folder, '--exec', `gzip -t {} && basename {} >> ${folder}.given`],
  bucket: (folder: string) => ['Z', '--to', copyTarget, '--state', folder, '--acl', 'bucket-owner-full-control'],
} satisfies Record<string, (folder: string) => string[]>
type Target = keyof typeof targets
const names = Object.keys(targets) as Target[]

describeWithRgw('pulls from a real S3 and STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let client: ClientFolder
  let owner: S3Client
  const pulls = new Map<Target, CommandResult[]>(names.map((name) => [name, []]))

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    owner = ownerClient(accounts.endpoint, accounts.ownerKeys)
    client = makeClientFolder(accounts)
    const config = readFileSync(client.configFile, 'utf8')
    writeFileSync(client.configFile, config.replaceAll(/^( {4})reads:/gm, '$1allow: [list, download, copy]\n$1reads:'))
    for (const { logs } of deliveries) {
      await putLogs(accounts, logs)
      for (const name of names) pulls.get(name)?.push(await pull(name))
    }
  })

  afterAll(async () => {
    client?.remove()
    owner?.destroy()
    await server?.stop()
  })

  describe.each(names)('%s', (name) => {
    it.each(deliveries.map(({ what, fresh }, at) => ({ what, fresh, at })))(
      'takes the new logs of $what: $fresh',
      ({ fresh, at }) => {
        const { exitCode, stdout, stderr } = pulls.get(name)?.[at] ?? {}
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringContaining('failed') })
        expect(takenBy(stdout ?? '')).toHaveLength(fresh)
      },
    )

    it('takes each log once', () => {
      const keys = (pulls.get(name) ?? []).flatMap(({ stdout }) => takenBy(stdout))
      expect(keys.sort()).toEqual([...everyLog.keys()].sort())
    })

    it('has a status that counts all logs, without gaps', async () => {
      const to = name === 'bucket' ? ['--to', copyTarget, '--state', folderOf(name)] : ['--to', folderOf(name)]
      const { exitCode, stdout } = await crosstrail(['pull', 'status', ...to, '--output', 'json'], client.env)
      expect(exitCode).toBe(0)
      expect(jsonLines(stdout)).toEqual(
        ['222222222222', '333333333333', '444444444444'].map((logAccount) => {
          const own = [...everyLog].filter(([key]) => key.includes(`/${logAccount}/`))
          const bytes = own.reduce((sum, [, body]) => sum + body.length, 0)
          return expect.objectContaining({ logAccount, objects: own.length, bytes, gaps: 0 }) as unknown
        }),
      )
    })
  })

  it('writes the files of the logs, byte for byte, and no others', () => {
    expect(digests(filesOf('files'))).toEqual(digests(everyLog))
    expect(digests(filesOf('command'))).toEqual(digests(everyLog))
  })

  it('writes the JSON of the logs with --decompress', () => {
    const json = [...everyLog].map(([key, body]) => [key.replace(/\.gz$/, ''), gunzipSync(body)] as const)
    expect(digests(filesOf('json'))).toEqual(digests(new Map(json)))
  })

  it('writes each event once as NDJSON, as CloudTrail wrote it, although the three accounts share their events', () => {
    const whole = [...filesOf('events').values()].map((body) => body.toString('utf8'))
    expect(whole.length).toBeGreaterThan(1)
    const written = whole.flatMap((text) => jsonLines(text))
    expect(sortedById(written)).toEqual(sortedById([...events.values()]))
  })

  it('passes each log to the command once', () => {
    const given = readFileSync(`${folderOf('command')}.given`, 'utf8')
      .split('\n')
      .slice(0, -1)
    expect(given.sort()).toEqual([...everyLog.keys()].map(nameOf).sort())
  })

  it('copies the logs to the other bucket, byte for byte, and no others', async () => {
    const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: accounts.bucket, Prefix: 'kept/' }))
    const copies = new Map<string, Buffer>()
    for (const { Key = '' } of Contents) {
      const { Body } = await owner.send(new GetObjectCommand({ Bucket: accounts.bucket, Key }))
      copies.set(Key.slice('kept/'.length), Buffer.from((await Body?.transformToByteArray()) ?? []))
    }
    expect(digests(copies)).toEqual(digests(everyLog))
  })

  it('takes nothing again if the files were moved away, and everything with --verify-local', async () => {
    const folder = folderOf('verified')
    const args = ['pull', wide, '--to', folder, '--since', '3d ago', '--output', 'json', '--config', client.configFile]
    await crosstrail(args, client.env)
    rmSync(path.join(folder, 'AWSLogs'), { recursive: true })
    expect(takenBy((await crosstrail(args, client.env)).stdout)).toEqual([])
    await crosstrail([...args, '--verify-local'], client.env)
    expect(digests(filesOf('verified'))).toEqual(digests(everyLog))
  })

  function pull(name: Target): Promise<CommandResult> {
    const args = [...targets[name](folderOf(name)), '--since', '3d ago', '--output', 'json']
    return crosstrail(['pull', wide, ...args, '--config', client.configFile], client.env)
  }

  function folderOf(name: string): string {
    return path.join(client.folder, name)
  }

  function filesOf(name: string): Map<string, Buffer> {
    const root = folderOf(name)
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const paths = files.map((file) => path.relative(root, path.join(file.parentPath, file.name)))
    const logs = paths.filter((file) => !file.startsWith('.crosstrail/'))
    return new Map(logs.map((file) => [file, readFileSync(path.join(root, file))]))
  }
})

function only(keys: readonly string[]): Logs {
  return new Map(keys.map((key) => [key, archive.get(key) ?? Buffer.alloc(0)]))
}

/** The keys of all outcomes, except those of logs that were taken before. */
function takenBy(stdout: string): string[] {
  return jsonLines(stdout)
    .filter(({ status, reason }) => status !== 'skipped' || reason !== 'covered')
    .map(({ key, status }) => (status === 'done' ? String(key) : `${String(status)}: ${String(key)}`))
}

function nameOf(key: string): string {
  return path.posix.basename(key)
}

function recordsOf(log: Buffer): Record<string, unknown>[] {
  return (JSON.parse(gunzipSync(log).toString('utf8')) as { Records: Record<string, unknown>[] }).Records
}

function sortedById(events: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return [...events].sort((a, b) => (String(a['eventID']) < String(b['eventID']) ? -1 : 1))
}

/** Paths with hashes of the files: short to compare, and readable if they differ. */
function digests(files: ReadonlyMap<string, Buffer>): Record<string, string> {
  return Object.fromEntries([...files].map(([file, body]) => [file, createHash('sha256').update(body).digest('hex')]))
}
