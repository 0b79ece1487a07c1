import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AlteredStream,
  type AlteredTrail,
  trailFromMs,
  trailToMs,
  trailOf,
  trailWindow,
} from '../../e2e/support/altered-trail.ts'
import { hourMs } from '../../../src/trail/calendar.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import type { Environment } from '../../e2e/support/crosstrail.ts'
import { labWorld, type LabWorld } from '../../e2e/support/lab-world.ts'
import { type CommandResult, crosstrail, jsonLines } from '../rgw/built-command.ts'
import { type ClientFolder, makeClientFolder } from '../rgw/client-folder.ts'
import { publicKeysText, putTrail } from '../rgw/digest-chains.ts'
import { makeAccounts, type RgwAccounts } from '../rgw/rgw-accounts.ts'
import { describeWithRgw, type RgwServer, startRgw } from '../rgw/rgw-server.ts'
import { aws, type AwsResult, describeWithAwsEndpoints } from './aws-cli.ts'

interface Change {
  /** Each change is made in a region of its own. */
  readonly region: string
  readonly alter: (stream: AlteredStream) => void
  /**
   * The lines that `validate-logs` writes to stderr. None means that it finds nothing and ends with 0. The reason of a missing object is left
   * out: RGW sends no message for it, and the AWS CLI then reports another reason than on AWS.
   */
  readonly invalid: readonly RegExp[]
  /** The codes of what crosstrail finds. */
  readonly findings: readonly string[]
}

/** The rows of "Compared with the AWS CLI" in VERIFY.md. */
const changes: Readonly<Record<string, Change>> = {
  nothing: { region: 'af-south-1', alter: () => undefined, invalid: [], findings: [] },
  'one byte of a log': {
    region: 'ap-east-1',
    alter(stream) {
      const text = gunzipSync(stream.body(stream.logOf(2)))
      text[40] = (text[40] ?? 0) ^ 1
      stream.replace(stream.logOf(2), gzipSync(text))
    },
    invalid: [/^Log file\t.*INVALID: hash value doesn't match$/],
    findings: ['verify.log-hash'],
  },
  'a log is deleted': {
    region: 'ap-northeast-1',
    alter: (stream) => stream.remove(stream.logOf(2)),
    invalid: [/^Log file\t.*INVALID: /],
    findings: ['verify.log-missing'],
  },
  'a log is added that no digest lists': {
    region: 'ap-northeast-2',
    alter: (stream) => void stream.addLog(trailFromMs + 2.5 * hourMs),
    invalid: [],
    findings: ['verify.log-unlisted'],
  },
  "the trailer of a log's gzip is cut off": {
    region: 'ap-northeast-3',
    alter: (stream) => stream.replace(stream.logOf(2), stream.body(stream.logOf(2)).subarray(0, -8)),
    invalid: [],
    findings: ['verify.log-malformed'],
  },
  'bytes are appended to a digest': {
    region: 'ap-south-1',
    alter: (stream) =>
      stream.replace(stream.digest(3), Buffer.concat([stream.body(stream.digest(3)), Buffer.from('more')])),
    invalid: [],
    findings: ['verify.digest-malformed'],
  },
  'the newest digests are deleted': {
    region: 'ap-southeast-1',
    alter: (stream) => [-1, -2, -3].map((at) => stream.digest(at)).forEach((key) => stream.remove(key)),
    invalid: [],
    findings: ['verify.digest-missing', 'verify.digest-missing', 'verify.digest-missing'],
  },
  'all digests are deleted': {
    region: 'ap-southeast-2',
    alter: (stream) => stream.digests.forEach((key) => stream.remove(key)),
    invalid: [],
    findings: ['verify.no-digests'],
  },
  'two digests in a row are deleted': {
    region: 'ca-central-1',
    alter: (stream) => [3, 4].map((at) => stream.digest(at)).forEach((key) => stream.remove(key)),
    invalid: [/^Digest file\t.*INVALID: /],
    findings: ['verify.digest-missing', 'verify.digest-missing'],
  },
  'a digest records another hash of the one before': {
    region: 'eu-central-1',
    alter: (stream) =>
      stream.rewrite(stream.digest(-1), (fields) => (fields['previousDigestHashValue'] = 'ab'.repeat(32))),
    invalid: [],
    findings: ['verify.previous-hash'],
  },
}

/** A finding without a chain names its region in its key or its sentence. */
function regionOf({ region, key, message }: Readonly<Record<string, unknown>>): unknown {
  return region ?? /222222222222\/(?:CloudTrail\/)?([a-z]+-[a-z]+-\d)/.exec(`${String(key)} ${String(message)}`)?.[1]
}

const organization = 'o-exampleorgid'
const member = '555555555555'

/** A trail of an organization, of one member account. */
function organizationTrail(): Promise<LabWorld> {
  return labWorld({
    layout: { prefix: '', organization },
    sample: {
      objects: 20,
      logAccounts: [member as AccountId],
      regions: ['af-south-1'],
      kinds: ['events'],
      digests: true,
      foreign: false,
      window: { fromMs: trailFromMs, toMs: trailToMs },
    },
  })
}

describeWithAwsEndpoints('compared with aws cloudtrail validate-logs', () => {
  describeWithRgw('on a real S3', () => {
    let server: RgwServer
    let accounts: RgwAccounts
    let client: ClientFolder
    let trail: AlteredTrail
    let organizationWorld: LabWorld
    let env: Environment

    beforeAll(async () => {
      server = await startRgw()
      accounts = await makeAccounts(server)
      trail = await trailOf(Object.values(changes).map(({ region }) => region))
      organizationWorld = await organizationTrail()
      for (const { region, alter } of Object.values(changes)) alter(trail.stream(region))
      const { lab } = trail.world
      await putTrail(accounts, lab)
      client = makeClientFolder(accounts)
      // The lab lists public keys to its administrator, who is also the owner of the bucket.
      const { accessKeyId, secretAccessKey } = lab.principals.admin
      const owner = ['--uid', 'owner', '--tenant', accounts.owner, '--key-type', 's3']
      await server.admin('key', 'create', ...owner, '--access-key', accessKeyId, '--secret-key', secretAccessKey)
      env = {
        PATH: process.env['PATH'] ?? '',
        HOME: client.folder,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_ENDPOINT_URL_S3: accounts.endpoint,
        AWS_ENDPOINT_URL_CLOUDTRAIL: lab.endpoint,
        AWS_EC2_METADATA_DISABLED: 'true',
      }
    })

    afterAll(async () => {
      client?.remove()
      await trail?.world.stop()
      await organizationWorld?.stop()
      await server?.stop()
    })

    describe('each change', () => {
      let rows: Record<string, unknown>[]
      beforeAll(async () => {
        rows = jsonLines((await verify(trail.world.lab)).stdout)
      })

      test.each(Object.entries(changes))('%s', async (_change, { region, invalid, findings }) => {
        const { exitCode, stdout, stderr } = await validateLogs(region)
        const lines = stderr.split('\n').filter((line) => line !== '')
        expect(lines).toEqual(invalid.map((pattern) => expect.stringMatching(pattern)))
        expect(exitCode).toBe(invalid.length > 0 ? 1 : 0)
        expect(stdout).toContain('Results requested for')
        const found = rows.filter((row) => row['type'] === 'finding' && regionOf(row) === region)
        expect(found.map(({ code }) => code)).toEqual(findings)
      })
    })

    test('an organization trail from the bucket alone', async () => {
      await putTrail(accounts, organizationWorld.lab)
      const { exitCode, stdout } = await validateLogs('af-south-1', member)
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No digests found') })
      const verified = await verify(organizationWorld.lab, `  organization: ${organization}`)
      expect(verified).toMatchObject({ exitCode: 0 })
      expect(verified.stderr).toContain('"found":8,"verified":8')
    })

    function verify(lab: Lab, layout = ''): Promise<CommandResult> {
      const keys = path.join(client.folder, 'keys.json')
      writeFileSync(keys, publicKeysText(lab))
      const config = readFileSync(client.configFile, 'utf8')
        .replaceAll(/^( {4})reads:/gm, '$1allow: [verify]\n$1reads:')
        .replace('accounts:', `${layout}\naccounts:`)
      const configFile = path.join(client.folder, 'verify.yaml')
      writeFileSync(configFile, config)
      const access = ['Z', '--no-session-policy', '--config', configFile, '--keys', keys]
      return crosstrail(['verify', ...access, ...trailWindow, '--output', 'json'], client.env)
    }

    function validateLogs(region: string, logAccount = '222222222222'): Promise<AwsResult> {
      const trailArn = `arn:aws:cloudtrail:us-east-1:${logAccount}:trail/lab-trail`
      const window = ['--start-time', '2026-11-01T00:00:00Z', '--end-time', '2026-11-01T08:00:00Z']
      const place = ['--s3-bucket', accounts.bucket, '--account-id', logAccount, '--region', region]
      return aws(['cloudtrail', 'validate-logs', '--trail-arn', trailArn, ...window, ...place], env)
    }
  })
})
