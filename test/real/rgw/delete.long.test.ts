import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CopyTarget } from '../../../src/s3/copy-target.ts'
import { createHttpClient } from '../../../src/s3/http-client.ts'
import { Pacer } from '../../../src/s3/pacer.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { type CommandResult, startCrosstrail } from '../../e2e/support/crosstrail.ts'
import { type ClientFolder, makeClientFolder } from './client-folder.ts'
import { iamCall } from './iam-call.ts'
import { makeAccounts, ownerClient, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, type RgwServer, startRgw } from './rgw-server.ts'

const manyLogs = 20_000

/** RGW refuses DeleteObjects to every session with a session policy, and ignores ETag conditions. */
describeWithRgw('delete and restore on a real S3 and STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let client: ClientFolder
  let s3: S3Client

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    client = makeClientFolder(accounts)
    s3 = ownerClient(server.endpoint, accounts.ownerKeys)
    await iamCall(server.endpoint, accounts.ownerKeys, 'PutRolePolicy', {
      RoleName: 'CloudTrailLogs-Z',
      PolicyName: 'clean-up',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] }],
      }),
    })
  })

  afterAll(async () => {
    s3?.destroy()
    client?.remove()
    await server?.stop()
  })

  it('deletes the logs of a window in an unversioned bucket, and nothing else', async () => {
    const bucket = await makeBucket('plain')
    const [old, fresh] = [logKeys(1_200, '2024/01/01'), logKeys(20, '2024/06/01')]
    await put(bucket, [...old, ...fresh])
    const shown = await crosstrail(bucket, 'delete', 'Z', '--until', '2024-05-01')
    expect(shown.exitCode).toBe(4)
    expect(shown.stdout).toContain('to delete  1,200 objects')
    expect(await keysIn(bucket)).toHaveLength(1_220)
    const { exitCode, stderr } = await crosstrail(bucket, 'delete', 'Z', '--until', '2024-05-01', '--yes')
    expect(stderr).not.toContain('failed:')
    expect(exitCode).toBe(0)
    expect(await keysIn(bucket)).toEqual(fresh)
  })

  it('restores exactly what it hid in a versioned bucket', async () => {
    const bucket = await makeBucket('versioned')
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    const [old, fresh] = [logKeys(1_100, '2024/01/01'), logKeys(10, '2024/06/01')]
    await put(bucket, [...old, ...fresh])
    const before = await versionsOf(bucket)
    expect(await crosstrail(bucket, 'delete', 'Z', '--until', '2024-05-01', '--yes')).toMatchObject({ exitCode: 0 })
    expect(await keysIn(bucket)).toEqual(fresh)
    const journal = journalOf(bucket, 'delete')
    const { exitCode, stderr } = await crosstrail(bucket, 'restore', '--journal', journal, '--yes')
    expect(stderr).not.toContain('failed:')
    expect(exitCode).toBe(0)
    expect(await keysIn(bucket)).toEqual([...old, ...fresh].sort())
    expect(await versionsOf(bucket)).toEqual(before)
  })

  it('deletes every version of the planned keys with --versions', async () => {
    const bucket = await makeBucket('purged')
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    const [old, fresh] = [logKeys(300, '2024/01/01'), logKeys(10, '2024/06/01')]
    for (const _round of [1, 2]) await put(bucket, [...old, ...fresh])
    const command = ['delete', 'Z', '--until', '2024-05-01', '--versions', '--yes']
    expect(await crosstrail(bucket, ...command)).toMatchObject({ exitCode: 0 })
    const left = await versionsOf(bucket)
    expect([...new Set(left.map((version) => version.split(' ')[0]))]).toEqual(fresh)
    expect(left).toHaveLength(fresh.length * 2)
  })

  it('keeps versions under Object Lock, reports the lock, and bypasses only governance mode', async () => {
    const bucket = await makeBucket('locked', true)
    const [compliance = '', governance = '', free = '', fresh = ''] = [
      ...logKeys(3, '2024/01/01'),
      ...logKeys(1, '2024/06/01'),
    ]
    const until = new Date(Date.now() + 3_600_000)
    const putLocked = (key: string, mode: 'COMPLIANCE' | 'GOVERNANCE') =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: 'log',
          ObjectLockMode: mode,
          ObjectLockRetainUntilDate: until,
        }),
      )
    await putLocked(compliance, 'COMPLIANCE')
    await putLocked(governance, 'GOVERNANCE')
    await put(bucket, [free, fresh])
    const command = ['delete', 'Z', '--until', '2024-05-01', '--versions', '--yes']
    const first = await crosstrail(bucket, ...command)
    expect(first.exitCode).toBe(1)
    expect(first.stderr).toContain('1 object.locked-compliance')
    expect(first.stderr).toContain('1 object.locked-governance')
    expect(await keysIn(bucket)).toEqual([compliance, governance, fresh])
    const second = await crosstrail(bucket, ...command, '--bypass-governance')
    expect(second.stderr).toContain('1 object.locked-compliance')
    expect(await keysIn(bucket)).toEqual([compliance, fresh])
  })

  it(`deletes ${manyLogs} objects with constant memory`, async () => {
    const bucket = await makeBucket('many')
    const fresh = logKeys(10, '2024/06/01')
    await put(bucket, [...logKeys(manyLogs, '2024/01/01'), ...fresh])
    const small = await makeBucket('few')
    await put(small, [...logKeys(500, '2024/01/01'), ...fresh])
    const command = ['delete', 'Z', '--until', '2024-05-01', '--yes']
    const few = await measured(small, ...command)
    const many = await measured(bucket, ...command)
    expect(many.stderr).not.toContain('failed:')
    expect(many.exitCode).toBe(0)
    expect(many.stderr).toMatch(/^Z +20,000 /m)
    expect(await keysIn(bucket)).toEqual(fresh)
    expect(many.peakMegabytes).toBeGreaterThan(20)
    expect(many.peakMegabytes).toBeLessThan(few.peakMegabytes + 100)
  })

  async function makeBucket(name: string, objectLock = false): Promise<string> {
    const bucket = `example-${name}-logs`
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: objectLock }))
    return bucket
  }

  /** Puts objects with crosstrail's own S3 client, which takes a twentieth of the SDK's time. */
  async function put(bucket: string, keys: readonly string[]): Promise<void> {
    const http = createHttpClient({ env: {} })
    const target = new CopyTarget(
      {
        trail: { bucket, owner: accounts.owner as AccountId, region: accounts.region, requesterPays: false },
        keys: { current: () => accounts.ownerKeys, renew: () => Promise.resolve(accounts.ownerKeys) },
        http,
        pacer: new Pacer({ maxConcurrency: 64, initialConcurrency: 64 }),
        resolveEndpoint: (named, region) =>
          Promise.resolve({
            origin: server.endpoint,
            host: new URL(server.endpoint).host,
            pathPrefix: `/${named}`,
            region,
          }),
      },
      {},
    )
    const waiting = keys.values()
    const putNext = async () => {
      for (const key of waiting) await target.put(key, Buffer.from('log'), {})
    }
    await Promise.all(Array.from({ length: 64 }, putNext))
    await http.close()
  }

  async function keysIn(bucket: string): Promise<string[]> {
    const keys: string[] = []
    let token: string | undefined
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }))
      for (const { Key } of page.Contents ?? []) keys.push(Key ?? '')
      token = page.NextContinuationToken
    } while (token !== undefined)
    return keys
  }

  async function versionsOf(bucket: string): Promise<string[]> {
    const versions: string[] = []
    let marker: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {}
    while (marker !== undefined) {
      const page: ListObjectVersionsCommandOutput = await s3.send(
        new ListObjectVersionsCommand({ Bucket: bucket, ...marker }),
      )
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        versions.push(`${Key} ${VersionId}`)
      }
      const { IsTruncated, NextKeyMarker = '', NextVersionIdMarker = '' } = page
      marker = IsTruncated === true ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined
    }
    return versions.sort()
  }

  function start(bucket: string, args: readonly string[]) {
    const config = path.join(client.folder, `${bucket}.yaml`)
    const text = readFileSync(client.configFile, 'utf8')
      .replace(`bucket: ${accounts.bucket}`, `bucket: ${bucket}`)
      .replace(/reads: all/, 'reads: all\n    allow: [list, delete]')
    writeFileSync(config, text, { mode: 0o600 })
    const common = ['--no-session-policy', '--config', config, '--journal-dir', journalDir(bucket)]
    return startCrosstrail([...args, ...common], client.env)
  }

  function crosstrail(bucket: string, ...args: readonly string[]): Promise<CommandResult> {
    return start(bucket, args).result
  }

  async function measured(bucket: string, ...args: readonly string[]) {
    const { child, result } = start(bucket, args)
    let peakMegabytes = 0
    const watch = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid))), 50)
    const ended = await result
    clearInterval(watch)
    return { ...ended, peakMegabytes }
  }

  function journalDir(bucket: string): string {
    return path.join(client.folder, `journals-${bucket}`)
  }

  function journalOf(bucket: string, verb: 'delete'): string {
    const dir = journalDir(bucket)
    const name = readdirSync(dir).find((file) => file.startsWith(`${verb}-`))
    if (name === undefined) throw new Error(`no journal in ${dir}`)
    return path.join(dir, name)
  }
})

function logKeys(count: number, day: string): string[] {
  const stamp = day.replaceAll('/', '')
  const prefix = `AWSLogs/444444444444/CloudTrail/us-east-1/${day}/444444444444_CloudTrail_us-east-1_${stamp}T`
  return Array.from({ length: count }, (_, at) => {
    const minute = Math.floor((at * 1_440) / count)
    const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}${String(minute % 60).padStart(2, '0')}`
    return `${prefix}${clock}Z_${String(at).padStart(16, '0')}.json.gz`
  })
}

/** Returns 0 if the process has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0
    throw error
  }
}
