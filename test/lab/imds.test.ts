import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterAll, expect, test } from 'vitest'
import { labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, stsAs } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const credentialsPath = '/latest/meta-data/iam/security-credentials/'

async function newToken(
  headers: Record<string, string> = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
): Promise<Response> {
  return fetch(`${lab.imdsEndpoint}/latest/api/token`, { method: 'PUT', headers })
}

async function read(path: string): Promise<string> {
  const token = await (await newToken()).text()
  return (await fetch(lab.imdsEndpoint + path, { headers: { 'x-aws-ec2-metadata-token': token } })).text()
}

test('answers nothing without a token', async () => {
  expect((await fetch(lab.imdsEndpoint + credentialsPath)).status).toBe(401)
})

test('refuses an invented token', async () => {
  const headers = { 'x-aws-ec2-metadata-token': 'made-up' }
  expect((await fetch(lab.imdsEndpoint + credentialsPath, { headers })).status).toBe(401)
})

test('a token needs a lifetime, and is refused to a proxy', async () => {
  const proxied = { 'x-aws-ec2-metadata-token-ttl-seconds': '60', 'x-forwarded-for': '203.0.113.9' }
  expect([(await newToken({})).status, (await newToken(proxied)).status]).toEqual([400, 403])
})

test('the instance knows its region', async () => {
  expect(JSON.parse(await read('/latest/dynamic/instance-identity/document'))).toMatchObject({ region: 'us-east-1' })
})

test("the instance's keys lead over two hops to C's role", async () => {
  const role = await read(credentialsPath)
  const served = JSON.parse(await read(credentialsPath + role)) as Record<string, string>
  const instance = {
    accessKeyId: served['AccessKeyId'] ?? '',
    secretAccessKey: served['SecretAccessKey'] ?? '',
    sessionToken: served['Token'],
  }
  const hop = await assume(lab, instance, { RoleArn: labRoles.assumeRoleInA })
  const last = new AssumeRoleCommand({ RoleArn: labRoles.C, RoleSessionName: 'pull' })
  expect((await stsAs(lab, hop).send(last)).AssumedRoleUser?.Arn).toMatch(/CloudTrailLogs-C\/pull$/)
  await expect(stsAs(lab, instance).send(last)).rejects.toMatchObject({ name: 'AccessDenied' })
})
