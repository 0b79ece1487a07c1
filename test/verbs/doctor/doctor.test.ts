import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labRoles } from '../../../src/lab/fixture.ts'
import type { LabRole } from '../../../src/lab/iam.ts'
import {
  type DoctorWorld,
  doctorWorld,
  entryB,
  entryC,
  entryZ,
  entryZMfa,
  mfaArgs,
  statusesOf,
} from './doctor-world.ts'

let world: DoctorWorld
let undo: (() => void)[] = []

beforeAll(async () => {
  world = await doctorWorld()
})
afterEach(() => {
  for (const each of undo) each()
  undo = []
})
afterAll(() => world.stop())

function role(arn: string): LabRole {
  const found = world.lab.iam.role(arn)
  if (found === undefined) throw new Error(`no role ${arn}`)
  const { trust, policies, maxSessionSeconds } = found
  undo.push(() => Object.assign(found, { trust, policies, maxSessionSeconds }))
  return found
}

const everything = { ...entryZMfa, allow: ['list', 'download', 'copy', 'delete'] }
const everyProbe = `--to s3://${labBucket}/copies ${mfaArgs}`

test('passes for B by a profile, C from an EC2 instance through a hop, and Z with external ID and MFA', async () => {
  const examined = await world.examine({ B: entryB, C: entryC, Z: everything }, { args: everyProbe })
  expect(examined.code).toBe(0)
  const wayIn = 'config ok, credentials ok, clock ok, caller ok'
  const last = 'fresh ok, validation ok'
  expect(statusesOf(examined, 'B').join(', ')).toBe(
    `${wayIn}, role ok, bucket ok, settings skipped, list ok, others ok, buckets skipped, read ok, kms skipped, ${last}`,
  )
  expect(statusesOf(examined, 'C').join(', ')).toBe(
    `${wayIn}, hop ok, role ok, bucket ok, settings skipped, list ok, others ok, buckets skipped, read ok, kms skipped, ${last}`,
  )
  expect(statusesOf(examined, 'Z').join(', ')).toBe(
    `${wayIn}, role ok, bucket ok, settings ok, list ok, buckets ok, read ok, kms skipped, tagging ok, put ok, delete ok, ${last}`,
  )
})

test('puts what it found into the facts', async () => {
  const { of } = await world.examine({ C: entryC, Z: entryZ })
  const { caller, role: assumed, credentials, bucket, fresh } = of('C')
  expect(caller?.facts).toMatchObject({ accountId: labAccounts.C })
  expect(assumed?.facts).toMatchObject({ role: labRoles.C, durationSeconds: 3600 })
  expect(credentials?.facts).toMatchObject({ source: 'ec2', temporary: true })
  expect(credentials?.message).toContain('****')
  expect(bucket?.facts).toEqual({ bucket: labBucket, owner: labAccounts.A, region: 'us-east-1' })
  expect(fresh?.facts).toMatchObject({ kinds: expect.stringContaining('digest') })
  expect(of('Z').settings?.facts).toMatchObject({ versioning: 'off', objectLock: false, requesterPays: false })
})

test('a failed step ends its own account and no other', async () => {
  const examined = await world.examine({ root: { ...entryB, credentials: { profile: 'root' } }, B: entryB })
  expect(examined.code).toBe(3)
  expect(statusesOf(examined, 'root').at(-1)).toBe('caller failed')
  expect(statusesOf(examined, 'B')).toContain('read ok')
})

test('writes and deletes nothing, whatever the roles may do', async () => {
  const bucket = world.lab.bucket()
  const before = bucket.keysWithVersions().length
  world.lab.requests.clear()
  await world.examine({ B: { ...entryB, allow: ['delete'] }, Z: everything }, { args: everyProbe })
  const writes = world.lab.requests.recent().filter(({ operation }) => !/^(Get|Head|List|AssumeRole)/.test(operation))
  expect(writes.map(({ operation, status }) => `${operation} ${status}`).toSorted()).toEqual([
    'DeleteObject 404',
    'PutObject 404',
  ])
  expect(bucket.keysWithVersions()).toHaveLength(before)
})

test('sends the expected owner with every call to the bucket', async () => {
  world.lab.requests.clear()
  await world.examine({ Z: everything }, { args: everyProbe })
  const calls = world.lab.requests.recent().filter(({ bucket }) => bucket !== '')
  expect(calls.length).toBeGreaterThan(10)
  expect(calls.filter(({ headers }) => headers['x-amz-expected-bucket-owner'] !== labAccounts.A)).toEqual([])
})

test('shows no secret in any format', async () => {
  const accounts = { B: entryB, Z: everything, W: { ...entryB, credentials: { profile: 'wrong' } } }
  const shown = await Promise.all(
    ['table', 'json', 'csv'].map((format) => world.show(accounts, `--output ${format} --verbose ${everyProbe}`)),
  )
  const { bAudit, zAudit } = world.lab.principals
  const secrets = [bAudit.secretAccessKey, zAudit.secretAccessKey, bAudit.accessKeyId, ...world.lab.issuedSecrets()]
  const text = shown.map(({ stdout, stderr }) => stdout + stderr).join('')
  expect(text).toContain('W')
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
})

test('exits with 0 if there are only warnings', async () => {
  role(labRoles.B).policies = [
    { Statement: { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' } },
  ]
  const examined = await world.examine({ B: entryB })
  expect(examined.of('B').others).toMatchObject({ status: 'warning', code: 'access.lists-others', sides: ['owner'] })
  expect(examined.code).toBe(0)
})

test('exits with 2 for an unknown account and for a wrong config', async () => {
  expect((await world.examine({ B: entryB }, { args: 'X' })).code).toBe(2)
  const { code, stderr } = await world.examine({ B: { ...entryB, id: '2222' } })
  expect({ code, json: JSON.parse(stderr) as unknown }).toMatchObject({
    code: 2,
    json: { error: { code: 'config.invalid' } },
  })
})

test('skips a missing s3:ListAllMyBuckets, and gives the statement to add', async () => {
  const { code, of } = await world.examine({ B: entryB, Z: entryZ })
  expect(code).toBe(0)
  expect(of('Z').buckets).toMatchObject({ status: 'ok', facts: { buckets: expect.any(Number) as number }, fixes: [] })
  expect(of('B').buckets).toMatchObject({
    status: 'skipped',
    message: expect.stringContaining('s3:ListAllMyBuckets') as string,
    fixes: [
      {
        type: 'policy',
        kind: 'role',
        attachTo: labRoles.B,
        statement: { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
      },
    ],
  })
})

test('for an account that verifies, lists the public keys with the role or the starting credentials', async () => {
  const verifying = { ...entryB, allow: ['list', 'download', 'verify'] }
  const { user } = world.lab.principals.bAudit
  const { policies } = user
  user.policies = [...policies, { Statement: { Effect: 'Allow', Action: 'cloudtrail:ListPublicKeys', Resource: '*' } }]
  undo.push(() => {
    user.policies = policies
  })
  const { code, of } = await world.examine({ B: verifying })
  expect(code).toBe(0)
  expect(of('B').keys).toMatchObject({ status: 'ok', facts: { askedBy: user.arn, keys: expect.any(Number) as number } })
  expect((await world.examine({ B: entryB })).of('B').keys).toBeUndefined()
})
