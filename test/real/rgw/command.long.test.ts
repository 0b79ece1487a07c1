import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crosstrail, jsonLines, type CommandResult } from './built-command.ts'
import { makeClientFolder, type ClientFolder } from './client-folder.ts'
import { rehome, sampleLogs, type Logs } from './real-logs.ts'
import { makeAccounts, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'

const source = sampleLogs()
const logsByOwner = {
  B: rehome(source, '222222222222'),
  C: rehome(source, '333333333333'),
  Z: rehome(source, '444444444444'),
}
const everyLog: Logs = new Map([...logsByOwner.B, ...logsByOwner.C, ...logsByOwner.Z, ...source])
const readable = { B: logsByOwner.B, C: logsByOwner.C, Z: everyLog }
const labels = ['B', 'C', 'Z'] as const
const wide = '--no-session-policy'
/** RGW refuses session policies that name a role of another tenant, as for C's hop, or KMS, as for `download`. */
const listFlags = { B: [], C: [wide], Z: [] }

describeWithRgw('the built command on a real S3 and STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let client: ClientFolder

  beforeAll(async () => {
    server = await startRgw(['GLACIER'])
    accounts = await makeAccounts(server)
    await putLogs(accounts, everyLog)
    client = makeClientFolder(accounts)
  })

  afterAll(async () => {
    client?.remove()
    await server?.stop()
  })

  describe('list', () => {
    it.each(labels)('shows %s each log it can read once, with size, ETag, region and kind', async (label) => {
      const { exitCode, stdout, stderr } = await run(['list', label, ...listFlags[label], '--output', 'json'])
      expect(stderr).not.toContain('warning')
      expect(exitCode).toBe(0)
      expect(sortedByKey(jsonLines(stdout))).toEqual(
        sortedByKey([...readable[label]].map(([key, body]) => listed(label, key, body))),
      )
    })

    it('of all accounts lists a log that two accounts can read once, through its own account', async () => {
      const { exitCode, stdout } = await run(['list', wide, '--output', 'json'])
      expect(exitCode).toBe(0)
      expect(keysIn(stdout).sort()).toEqual([...everyLog.keys()].sort())
      expect(keysIn(stdout, 'B').sort()).toEqual([...logsByOwner.B.keys()].sort())
      expect(keysIn(stdout, 'C').sort()).toEqual([...logsByOwner.C.keys()].sort())
    })

    it('lists in the order of keys with --sorted', async () => {
      const { stdout } = await run(['list', 'Z', '--sorted', '--output', 'json'])
      expect(keysIn(stdout)).toEqual([...everyLog.keys()].sort())
    })

    it('excludes the end of the window', async () => {
      const window = ['--from', '2023-07-10T12:05', '--until', '2023-07-10T12:10']
      const { stdout } = await run(['list', 'B', ...window, '--output', 'json'])
      const inside = [...logsByOwner.B.keys()].filter((key) => /T120[5-9]Z/.test(key))
      expect(inside).not.toHaveLength(0)
      expect(keysIn(stdout).sort()).toEqual(inside.sort())
    })
  })

  describe('download', () => {
    it.each(labels)('writes for %s each log it can read, byte for byte, and no other file', async (label) => {
      const { exitCode } = await download(label, [label])
      expect(exitCode).toBe(0)
      expect(digests(filesOf(label))).toEqual(digests(readable[label]))
    })

    it('of all accounts writes every log', async () => {
      const { exitCode } = await download('all', [])
      expect(exitCode).toBe(0)
      expect(digests(filesOf('all'))).toEqual(digests(everyLog))
    })

    it('writes the same files with two threads', async () => {
      const { exitCode } = await download('threads', ['--threads', '2', '--concurrency', '2'])
      expect(exitCode).toBe(0)
      expect(digests(filesOf('threads'))).toEqual(digests(everyLog))
    })

    it('skips every log as present in a second run', async () => {
      const first = await download('again', ['C', '--output', 'json'])
      expect(statuses(first)).toEqual(new Map([['done', source.size]]))
      const second = await download('again', ['C', '--output', 'json'])
      expect(second.exitCode).toBe(0)
      expect(statuses(second)).toEqual(new Map([['skipped present', source.size]]))
      expect(digests(filesOf('again'))).toEqual(digests(readable.C))
    })

    it('writes the JSON with --decompress', async () => {
      const { exitCode } = await download('json', ['B', '--decompress'])
      expect(exitCode).toBe(0)
      const json = [...logsByOwner.B].map(([key, body]) => [key.replace(/\.gz$/, ''), gunzipSync(body)] as const)
      expect(digests(filesOf('json'))).toEqual(digests(new Map(json)))
    })

    it('opens no wider session if STS refuses the session policy', async () => {
      const { exitCode } = await run(['download', 'B', '--to', folderOf('narrow')])
      expect(exitCode).toBe(3)
      expect(filesOf('narrow').size).toBe(0)
    })
  })

  describe('B, if the config says that it reads the logs of C,', () => {
    let curious: ClientFolder

    beforeAll(() => {
      curious = makeClientFolder(accounts, accounts.C.id)
    })

    afterAll(() => curious?.remove())

    it.each([
      ['list', []],
      ['download', [wide, '--to', 'c-logs']],
    ])('is refused by %s', async (verb, more) => {
      const into = more.map((argument) => (argument === 'c-logs' ? folderOf(argument) : argument))
      const { exitCode, stdout, stderr } = await crosstrail(
        [verb, 'B', '--config', curious.configFile, '--log-account', accounts.C.id, '--output', 'json', ...into],
        curious.env,
      )
      expect(stderr).toContain('access.list-denied')
      expect(exitCode).toBe(3)
      expect(stdout).not.toContain(accounts.C.id)
    })
  })

  describe('an archived log', () => {
    const key =
      'AWSLogs/444444444444/CloudTrail/eu-west-1/2023/07/10/444444444444_CloudTrail_eu-west-1_20230710T1145Z_7xgocspSowgK0Gto.json.gz'

    beforeAll(() => putLogs(accounts, new Map([[key, Buffer.from('log')]]), 'GLACIER'))

    it('is listed with its storage class', async () => {
      const { stdout } = await run(['list', 'Z', '--region', 'eu-west-1', '--output', 'json'])
      expect(jsonLines(stdout)).toEqual([expect.objectContaining({ key, storageClass: 'GLACIER' })])
    })

    it('is skipped by download, and counted', async () => {
      const result = await download('archived', ['Z', '--region', 'eu-west-1', '--output', 'json'])
      expect(result.exitCode).toBe(0)
      expect(statuses(result)).toEqual(new Map([['skipped archived', 1]]))
      expect(filesOf('archived').size).toBe(0)
    })
  })

  function run(args: readonly string[]): Promise<CommandResult> {
    return crosstrail([...args, '--config', client.configFile], client.env)
  }

  function download(name: string, args: readonly string[]): Promise<CommandResult> {
    return run(['download', wide, '--to', folderOf(name), ...args])
  }

  function folderOf(name: string): string {
    return path.join(client.folder, 'logs', name)
  }

  function filesOf(name: string): Map<string, Buffer> {
    const root = folderOf(name)
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const paths = files.map((file) => path.join(file.parentPath, file.name))
    return new Map(
      paths
        .map((file) => [path.relative(root, file), readFileSync(file)] as const)
        .filter(([file]) => !file.startsWith('.crosstrail/')),
    )
  }
})

function listed(account: string, key: string, body: Buffer) {
  const { logAccount, day, time } = /(?<logAccount>\d{12})_.*_(?<day>\d{8})T(?<time>\d{4})Z_/.exec(key)?.groups ?? {}
  return {
    key,
    sizeBytes: body.length,
    lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    etag: createHash('md5').update(body).digest('hex'),
    storageClass: 'STANDARD',
    account,
    logAccount,
    region: 'us-east-1',
    kind: 'events',
    deliveredAt: `${day?.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time?.replace(/(..)(..)/, '$1:$2')}:00Z`,
  }
}

function sortedByKey<Row extends { readonly key?: unknown }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1))
}

/** The keys of a listing: all, or only those of `account`. */
function keysIn(stdout: string, account?: string): string[] {
  const rows = jsonLines(stdout).filter((row) => account === undefined || row['account'] === account)
  return rows.map(({ key }) => String(key))
}

/** Paths with hashes of the files: short to compare, and readable if they differ. */
function digests(files: ReadonlyMap<string, Buffer>): Record<string, string> {
  return Object.fromEntries([...files].map(([file, body]) => [file, createHash('sha256').update(body).digest('hex')]))
}

function statuses({ stdout }: CommandResult): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { status, reason } of jsonLines(stdout)) {
    const end = [status, reason].filter(Boolean).join(' ')
    counts.set(end, (counts.get(end) ?? 0) + 1)
  }
  return counts
}
