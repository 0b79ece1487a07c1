import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { labAccounts, labBucket } from '../../../src/lab/fixture.ts'
import type { Environment } from '../../e2e/support/crosstrail.ts'
import { labWorld, type LabWorld } from '../../e2e/support/lab-world.ts'
import { aws, awsProgram, describeWithAws } from './aws-cli.ts'

const bin = path.resolve(import.meta.dirname, '../../../dist/bin.cjs')

describeWithAws('the AWS CLI on the lab', () => {
  let world: LabWorld
  let env: Environment
  let own: string[]

  const prefix = `AWSLogs/${labAccounts.B}/CloudTrail/`
  const endpoint = () => ['--endpoint-url', world.lab.endpoint]
  const listing = (place: string) => ['s3', 'ls', '--recursive', `s3://${labBucket}/${place}`, ...endpoint()]

  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 60 } })
    const configFile = world.newPath()
    const creds = (account: string, ...more: string[]) =>
      `credential_process = ${[process.execPath, bin, 'creds', account, '--format', 'process', ...more].join(' ')}\n`
    writeFileSync(
      configFile,
      `[profile b-audit]\n[profile z-audit]\n[profile b]\n${creds('B')}[profile c]\n${creds('C')}[profile z-list]\n${creds('Z', '--verb', 'list')}`,
    )
    env = { ...world.env, AWS_CONFIG_FILE: configFile, AWS_DEFAULT_REGION: 'us-east-1', TZ: 'UTC' }
    own = world.lab
      .bucket()
      .keys()
      .filter((key) => key.startsWith(prefix))
      .sort()
  })
  afterAll(() => world?.stop())

  it('lists the bucket with a profile whose credential_process is crosstrail creds', async () => {
    const { exitCode, stdout, stderr } = await aws([...listing(prefix), '--profile', 'b'], env)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(keysIn(stdout)).toEqual(own)
    expect(own.length).toBeGreaterThan(5)
  })

  it('is refused the logs of others by the session policy of creds', async () => {
    const { exitCode, stderr } = await aws([...listing(`AWSLogs/${labAccounts.C}/CloudTrail/`), '--profile', 'b'], env)
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('AccessDenied')
  })

  it('lists but may not download with a profile that is only for listing', async () => {
    expect(keysIn((await aws([...listing(prefix), '--profile', 'z-list'], env)).stdout)).toEqual(own)
    const copy = await aws(
      ['s3', 'cp', `s3://${labBucket}/${own.at(-1)}`, world.newPath(), '--profile', 'z-list', ...endpoint()],
      env,
    )
    expect(copy.exitCode).not.toBe(0)
    expect(copy.stderr).toContain('403')
  })

  it('shows the error of crosstrail if its credential_process fails', async () => {
    const { exitCode, stderr } = await aws([...listing(prefix), '--profile', 'b'], {
      ...env,
      CROSSTRAIL_CONFIG: '/nowhere.yaml',
    })
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('/nowhere.yaml')
  })

  it.each([
    ['exec', []],
    ['exec --server', ['--server']],
    ['exec --server --read-only', ['--server', '--read-only']],
  ])('lists the bucket under %s, even if the environment selects another profile', async (_name, options) => {
    const misled = { AWS_PROFILE: 'z-audit', AWS_DEFAULT_PROFILE: 'z-audit' }
    const command = [awsProgram ?? '', ...listing(prefix)]
    const result = await world.run(['exec', 'B', ...options, '--', ...command], { env: { ...misled, TZ: 'UTC' } })
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(keysIn(result.stdout)).toEqual(own)
  })

  it('uses the credentials of --server and not those of a default profile', async () => {
    const credentials = world.newPath()
    const { bAudit } = world.lab.principals
    const known = readFileSync(world.env['AWS_SHARED_CREDENTIALS_FILE'] ?? '', 'utf8')
    const wrong = `[default]\naws_access_key_id = ${bAudit.accessKeyId}\naws_secret_access_key = ${bAudit.secretAccessKey}\n`
    writeFileSync(credentials, `${known}${wrong}`)
    const result = await world.run(['exec', 'B', '--server', '--', awsProgram ?? '', ...listing(prefix)], {
      env: { AWS_SHARED_CREDENTIALS_FILE: credentials },
    })
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(keysIn(result.stdout)).toEqual(own)
  })

  it('syncs the logs under exec', async () => {
    const to = world.newPath()
    const sync = [
      awsProgram ?? '',
      's3',
      'sync',
      `s3://${labBucket}/${prefix}`,
      to,
      '--only-show-errors',
      ...endpoint(),
    ]
    expect(await world.run(['exec', 'B', '--', ...sync])).toMatchObject({ exitCode: 0, stderr: '' })
    const logs = own.filter((key) => key.endsWith('.gz'))
    const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.gz'))
    expect(files.map((file) => `${prefix}${file}`).sort()).toEqual(logs)
  })
})

function keysIn(listing: string): string[] {
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/).slice(3).join(' '))
    .sort()
}
