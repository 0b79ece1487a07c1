import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { assumedKeys } from './assumed-keys.ts'
import { rehome, sampleLogs, type Logs } from './real-logs.ts'
import { makeAccounts, putLogs, type RgwAccounts, type RoleHolder } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'

const source = sampleLogs()

describeWithRgw('Account A on a real S3 and STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let logsOf: (account: RoleHolder) => Logs

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    logsOf = (account) => rehome(source, account.id)
    for (const account of [accounts.B, accounts.C, accounts.Z]) await putLogs(accounts, logsOf(account))
  })

  afterAll(() => server?.stop())

  it('B lists its own logs', async () => {
    expect(await list(await session(accounts.B), logPrefix(accounts.B))).toEqual([...logsOf(accounts.B).keys()].sort())
  })

  it('B reads its own logs byte for byte', async () => {
    const s3 = await session(accounts.B)
    for (const [key, body] of logsOf(accounts.B)) expect(body.equals(await get(s3, key))).toBe(true)
  })

  it('B is refused the list of C', async () => {
    await expect(list(await session(accounts.B), logPrefix(accounts.C))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('B is refused the logs of C', async () => {
    const read = get(await session(accounts.B), firstKey(logsOf(accounts.C)))
    await expect(read).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('C reads its own logs through a hop', async () => {
    const s3 = await session(accounts.C)
    expect(await list(s3, logPrefix(accounts.C))).toHaveLength(source.size)
    const [key, body] = first(logsOf(accounts.C))
    expect(body.equals(await get(s3, key))).toBe(true)
  })

  it("C's user is refused A's role without the hop", async () => {
    await expect(session({ ...accounts.C, via: [] })).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  })

  it("B is refused Z's role", async () => {
    const asZ = session({ ...accounts.B, role: accounts.Z.role })
    await expect(asZ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  })

  it('Z lists the logs of all accounts', async () => {
    expect(await list(await session(accounts.Z), 'AWSLogs/')).toHaveLength(3 * source.size)
  })

  it('Z reads the logs of B', async () => {
    const [key, body] = first(logsOf(accounts.B))
    expect(body.equals(await get(await session(accounts.Z), key))).toBe(true)
  })

  it('a session policy removes from Z what it does not name', async () => {
    const s3 = await session(accounts.Z, { Policy: policyToRead(accounts, accounts.B) })
    expect(await get(s3, firstKey(logsOf(accounts.B)))).not.toHaveLength(0)
    await expect(get(s3, firstKey(logsOf(accounts.C)))).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(list(s3, logPrefix(accounts.B))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('a session policy gives B nothing its role lacks', async () => {
    const s3 = await session(accounts.B, { Policy: policyToRead(accounts, accounts.C) })
    await expect(get(s3, firstKey(logsOf(accounts.C)))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('a session of 3 seconds works and then expires', async () => {
    const s3 = await session(accounts.B, { DurationSeconds: 3 })
    const key = firstKey(logsOf(accounts.B))
    expect(await get(s3, key)).not.toHaveLength(0)
    await sleep(4000)
    await expect(get(s3, key)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  })

  it('two servers at once do not affect each other', async () => {
    const other = await startRgw()
    try {
      expect(JSON.parse(await other.admin('user', 'list'))).toEqual([])
      expect(JSON.parse(await server.admin('user', 'list'))).toHaveLength(5)
    } finally {
      await other.stop()
    }
  })

  async function session(account: RoleHolder, request: Parameters<typeof assumedKeys>[2] = {}): Promise<S3Client> {
    const { endpoint, region } = accounts
    const credentials = await assumedKeys(accounts, account, request)
    return new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 })
  }

  async function list(s3: S3Client, prefix: string): Promise<string[]> {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: accounts.bucket, Prefix: prefix }))
    return (page.Contents ?? []).flatMap(({ Key }) => Key ?? [])
  }

  async function get(s3: S3Client, key: string): Promise<Uint8Array> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: accounts.bucket, Key: key }))
    return Body === undefined ? new Uint8Array() : Body.transformToByteArray()
  }
})

function policyToRead({ bucket }: RgwAccounts, { id }: RoleHolder): string {
  const read = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/AWSLogs/${id}/*`] }
  return JSON.stringify({ Version: '2012-10-17', Statement: [read] })
}

function logPrefix({ id }: RoleHolder): string {
  return `AWSLogs/${id}/CloudTrail/`
}

function first(logs: Logs): [string, Buffer] {
  for (const entry of logs) return entry
  throw new Error('no logs')
}

function firstKey(logs: Logs): string {
  return first(logs)[0]
}
