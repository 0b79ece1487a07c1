import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveBucket, makeArchive, withArchive } from './archive.ts'
import { crosstrail, jsonLines, type CommandResult } from './built-command.ts'
import { makeClientFolder, type ClientFolder } from './client-folder.ts'
import { rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, ownerClient, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'

const source = sampleLogs()
const logs = new Map([...rehome(source, '222222222222'), ...rehome(source, '444444444444')])
const digestKey =
  'AWSLogs/222222222222/CloudTrail-Digest/us-east-1/2023/07/10/222222222222_CloudTrail-Digest_us-east-1_trail_us-east-1_20230710T130000Z.json.gz'
const largeKey =
  'AWSLogs/444444444444/CloudTrail/us-east-1/2023/07/10/444444444444_CloudTrail_us-east-1_20230710T1300Z_LargeLargeLarge1.json.gz'
const metadata = { signature: 'c0ffee', 'signature-algorithm': 'SHA256withRSA' }

/** RGW refuses session policies that name KMS. */
const wide = '--no-session-policy'
/** Objects belong to the role that writes them, as in a bucket with object ownership ObjectWriter. */
const acl = ['--acl', 'bucket-owner-full-control']

describeWithRgw('copy on a real S3 and STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let client: ClientFolder
  let owner: S3Client
  let archivist: S3Client

  beforeAll(async () => {
    server = await startRgw(['GLACIER'])
    accounts = await makeAccounts(server)
    logs.set(largeKey, Buffer.alloc(9 * 1024 ** 2, 'a large log '))
    await putLogs(accounts, logs)
    owner = ownerClient(accounts.endpoint, accounts.ownerKeys)
    const digest = Buffer.from('a digest')
    logs.set(digestKey, digest)
    await owner.send(
      new PutObjectCommand({
        Bucket: accounts.bucket,
        Key: digestKey,
        Body: digest,
        Metadata: metadata,
        ContentType: 'application/json',
        ContentEncoding: 'gzip',
      }),
    )
    archivist = await makeArchive(server, accounts)
    client = makeClientFolder(accounts)
    const config = readFileSync(client.configFile, 'utf8')
    const copying = config.replaceAll(/^( {4})reads:/gm, '$1allow: [list, download, copy]\n$1reads:')
    writeFileSync(client.configFile, withArchive(copying, ['copy']))
  })

  afterAll(async () => {
    client?.remove()
    owner?.destroy()
    archivist?.destroy()
    await server?.stop()
  })

  describe.each([
    ['within a tenant', [], () => ({ s3: owner, bucket: accounts.bucket }), 'server-side'],
    ['to another tenant', ['--to-account', 'Zarchive'], () => ({ s3: archivist, bucket: archiveBucket }), 'streamed'],
  ] as const)('%s', (_where, how, placeOf, mode) => {
    const copy = (...more: readonly string[]) =>
      run(['copy', 'Z', wide, '--to', `s3://${placeOf().bucket}/kept`, ...how, ...acl, '--output', 'json', ...more])

    it('copies every log, byte for byte and with its metadata', async () => {
      const { exitCode, stdout, stderr } = await copy()
      expect(stderr).not.toContain('failed')
      expect(exitCode).toBe(0)
      expect(statuses(stdout)).toEqual(new Map([['done', logs.size]]))
      expect(jsonLines(stdout).filter((line) => String(line['mode']).startsWith(mode))).toHaveLength(logs.size)
      const { s3, bucket } = placeOf()
      for (const [key, body] of logs) expect(await bodyDigest(s3, bucket, `kept/${key}`)).toBe(digestOf(body))
      const digest = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `kept/${digestKey}` }))
      expect(digest).toMatchObject({ Metadata: metadata, ContentType: 'application/json', ContentEncoding: 'gzip' })
    })

    it('finds every log present in a second run', async () => {
      const { exitCode, stdout } = await copy()
      expect(exitCode).toBe(0)
      expect(statuses(stdout)).toEqual(new Map([['skipped present', logs.size]]))
    })

    it('finds every log present in a second run with --verify', async () => {
      const { exitCode, stdout } = await copy('--verify')
      expect(exitCode).toBe(0)
      expect(statuses(stdout)).toEqual(new Map([['skipped present', logs.size]]))
    })

    it('keeps a copy that differs unless --overwrite is given', async () => {
      const { s3, bucket } = placeOf()
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `kept/${digestKey}`, Body: 'another' }))
      const kept = await copy()
      expect(kept.exitCode).toBe(1)
      expect(statuses(kept.stdout).get('failed object.differs')).toBe(1)
      expect(await copy('--overwrite')).toMatchObject({ exitCode: 0 })
      expect(await bodyDigest(s3, bucket, `kept/${digestKey}`)).toBe(digestOf(Buffer.from('a digest')))
    })
  })

  it('is refused without rights on the target, and writes nothing', async () => {
    const { exitCode, stderr } = await run(['copy', 'B', wide, '--to', `s3://${accounts.bucket}/stolen`])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('access.list-denied')
  })

  function run(args: readonly string[]): Promise<CommandResult> {
    const journals = ['--journal-dir', path.join(client.folder, 'journals')]
    return crosstrail([...args, ...journals, '--config', client.configFile], client.env)
  }
})

async function bodyDigest(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return digestOf((await Body?.transformToByteArray()) ?? new Uint8Array())
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function statuses(stdout: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { status, reason, code } of jsonLines(stdout)) {
    // The last line is the count of comparisons.
    if (status === undefined) continue
    const end = [status, reason, code].filter(Boolean).join(' ')
    counts.set(end, (counts.get(end) ?? 0) + 1)
  }
  return counts
}
