import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AlteredTrail, trailOf, trailWindow } from '../../e2e/support/altered-trail.ts'
import { archiveBucket, makeArchive, withArchive } from './archive.ts'
import { type CommandResult, crosstrail, jsonLines } from './built-command.ts'
import { type ClientFolder, makeClientFolder } from './client-folder.ts'
import { publicKeysText, putTrail } from './digest-chains.ts'
import { makeAccounts, ownerClient, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, type RgwServer, startRgw } from './rgw-server.ts'

/** RGW refuses session policies that name KMS. */
const wide = '--no-session-policy'
/** Objects belong to the role that writes them, as in a bucket with object ownership ObjectWriter. */
const acl = ['--acl', 'bucket-owner-full-control']
const regions = ['us-east-1', 'eu-west-1']
const whole = {
  digests: { found: 16, verified: 16, unsigned: 0 },
  logs: { verified: 120, wrong: 0, unlisted: 0, pending: 0, unproven: 0, uncovered: 0, archived: 0, failed: 0 },
  findings: {},
}

describeWithRgw('verify on a real S3 and STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let client: ClientFolder
  let trail: AlteredTrail
  let owner: S3Client
  let archivist: S3Client
  let keys: string
  /** A config whose trail is the archive. */
  let archiveConfig: string

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    archivist = await makeArchive(server, accounts)
    owner = ownerClient(accounts.endpoint, accounts.ownerKeys)
    trail = await trailOf(regions, 120)
    await putTrail(accounts, trail.world.lab)
    client = makeClientFolder(accounts)
    keys = path.join(client.folder, 'keys.json')
    writeFileSync(keys, publicKeysText(trail.world.lab))
    const config = readFileSync(client.configFile, 'utf8')
    const allowed = config.replaceAll(/^( {4})reads:/gm, '$1allow: [list, download, copy, verify]\n$1reads:')
    writeFileSync(client.configFile, withArchive(allowed, ['copy']))
    archiveConfig = path.join(client.folder, 'archive.yaml')
    const inArchive = config
      .replace(`bucket: ${accounts.bucket}`, `bucket: ${archiveBucket}\n  prefix: kept`)
      .replace(`owner: "${accounts.owner}"`, `owner: "${accounts.Z.id}"`)
      .replace(/accounts:\n[\s\S]*/, 'accounts:\n')
    writeFileSync(archiveConfig, withArchive(inArchive, ['verify']))
  })

  afterAll(async () => {
    client?.remove()
    owner?.destroy()
    archivist?.destroy()
    await trail?.world.stop()
    await server?.stop()
  })

  const verifyWith = (config: string, account: string, ...more: readonly string[]) =>
    crosstrail(
      ['verify', account, wide, '--config', config, '--keys', keys, ...trailWindow, '--output', 'json', ...more],
      client.env,
    )
  const verify = (account: string) => verifyWith(client.configFile, account)
  const verifyArchive = (...more: readonly string[]) => verifyWith(archiveConfig, 'Zarchive', ...more)

  it.each(['B', 'Z'])(
    'digests with their metadata, and all logs, are verified through the role of %s',
    async (label) => {
      const result = await verify(label)
      expect(result).toMatchObject({ exitCode: 0 })
      expect(summary(result)).toMatchObject(whole)
    },
  )

  it('a copy in another bucket keeps the metadata, and is verified there', async () => {
    const copy = ['copy', 'Z', wide, '--to', `s3://${archiveBucket}/kept`, '--to-account', 'Zarchive', ...acl]
    const copied = await crosstrail([...copy, '--config', client.configFile], client.env)
    expect(copied).toMatchObject({ exitCode: 0 })
    const result = await verifyArchive('--moved-from', `s3://${accounts.bucket}`)
    expect(result).toMatchObject({ exitCode: 0 })
    const deliveredTo = { [`s3://${accounts.bucket}/AWSLogs/`]: 16 }
    expect(summary(result)).toMatchObject({ ...whole, moved: true, deliveredTo })
  })

  it('the copy is a finding for each digest without --moved-from', async () => {
    const result = await verifyArchive()
    expect(result).toMatchObject({ exitCode: 1 })
    expect(summary(result)['findings']).toEqual({ 'verify.digest-misplaced': 16 })
  })

  it.each(['where it was delivered', 'in the copy'])('a log that was changed %s is found', async (place) => {
    const isCopy = place === 'in the copy'
    const [s3, bucket] = isCopy ? [archivist, archiveBucket] : [owner, accounts.bucket]
    const log = trail.stream('eu-west-1').logOf(2)
    const Key = isCopy ? `kept/${log}` : log
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString()
    const changed = gzipSync(text.replace('"eventVersion"', '"changed"'))
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: changed }))
    const result = await (isCopy ? verifyArchive('--moved-from', `s3://${accounts.bucket}`) : verify('B'))
    expect(result).toMatchObject({ exitCode: 1 })
    expect(jsonLines(result.stdout).filter(({ type }) => type === 'finding')).toMatchObject([
      { code: 'verify.log-hash', key: log, region: 'eu-west-1' },
    ])
    expect(summary(result)).toMatchObject({ digests: whole.digests, logs: { verified: 119, wrong: 1 } })
  })
})

/** The counts on the last line of stderr with `--output json`. */
function summary({ stderr }: CommandResult): Record<string, unknown> {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
}
