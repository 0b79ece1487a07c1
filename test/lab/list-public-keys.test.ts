import { ListPublicKeysCommand, type ListPublicKeysCommandInput } from '@aws-sdk/client-cloudtrail'
import { afterAll, afterEach, expect, test } from 'vitest'
import { rotatedKeys } from '../../src/lab/digest-keys.ts'
import { labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { dayMs } from '../../src/trail/calendar.ts'
import { assume, cloudTrailAs, refusal } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
afterEach(() => lab.setFaults({}))
const november = Date.UTC(2026, 10, 1)
const window = { fromMs: november, toMs: november + 45 * dayMs }
const { published } = await rotatedKeys(['us-east-1', 'eu-west-1'], window, { perRegion: true })
lab.publicKeys.add(...published)
const fingerprints = (region: string) => published.filter((key) => key.region === region).map((key) => key.fingerprint)
const { admin, bAudit } = lab.principals
const ask = (input: ListPublicKeysCommandInput, region?: string, keys: Parameters<typeof cloudTrailAs>[1] = admin) =>
  cloudTrailAs(lab, keys, region).send(new ListPublicKeysCommand(input))
const inWindow = { StartTime: new Date(window.fromMs), EndTime: new Date(window.toMs) }

test('returns the keys of the region that are valid in the window', async () => {
  expect([fingerprints('us-east-1').length, new Set(published.map((key) => key.fingerprint)).size]).toEqual([2, 4])
  for (const region of ['us-east-1', 'eu-west-1']) {
    const { PublicKeyList = [] } = await ask(inWindow, region)
    expect(PublicKeyList.map((key) => key.Fingerprint)).toEqual(fingerprints(region))
  }
  const { PublicKeyList = [] } = await ask({ StartTime: inWindow.StartTime, EndTime: inWindow.StartTime })
  const [first] = published
  expect(PublicKeyList).toEqual([
    {
      Value: new Uint8Array(first?.publicKeyDer ?? []),
      Fingerprint: first?.fingerprint,
      ValidityStartTime: new Date(first?.validFromMs ?? 0),
      ValidityEndTime: new Date(first?.validUntilMs ?? 0),
    },
  ])
})

test('returns pages, and refuses an unknown token', async () => {
  lab.publicKeys.pageSize = 1
  const page = await ask(inWindow)
  const { NextToken } = page
  const next = await ask({ ...inWindow, NextToken })
  lab.publicKeys.pageSize = 50
  expect([...(page.PublicKeyList ?? []), ...(next.PublicKeyList ?? [])].map((key) => key.Fingerprint)).toEqual(
    fingerprints('us-east-1'),
  )
  expect(next.NextToken).toBeUndefined()
  expect(await refusal(ask({ ...inWindow, NextToken: 'x' }))).toMatchObject({ code: 'InvalidTokenException' })
})

test('refuses a window that ends before it starts', async () => {
  const reversed = { StartTime: inWindow.EndTime, EndTime: inWindow.StartTime }
  expect(await refusal(ask(reversed))).toMatchObject({ status: 400, code: 'InvalidTimeRangeException' })
})

test('a role needs cloudtrail:ListPublicKeys, and so does its session policy', async () => {
  const role = lab.iam.role(labRoles.B)
  const session = await assume(lab, bAudit, { RoleArn: labRoles.B })
  expect(await refusal(ask({}, undefined, session))).toMatchObject({
    status: 400,
    code: 'AccessDeniedException',
    message: expect.stringContaining(
      'is not authorized to perform: cloudtrail:ListPublicKeys because no identity-based policy allows',
    ),
  })
  role?.policies.push({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'cloudtrail:ListPublicKeys', Resource: '*' },
  })
  expect((await ask(inWindow, undefined, session)).PublicKeyList).toHaveLength(2)
  const Policy =
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::x/*"}}'
  const narrow = await assume(lab, bAudit, { RoleArn: labRoles.B, Policy })
  expect(await refusal(ask({}, undefined, narrow))).toMatchObject({
    message: expect.stringContaining('session policy'),
  })
  role?.policies.pop()
})

test('refuses a wrong secret and an unknown key', async () => {
  const wrong = [
    { ...admin, secretAccessKey: 'wrong' },
    { ...admin, accessKeyId: 'AKIANOBODY' },
  ].map(async (keys) => (await refusal(ask({}, undefined, keys))).code)
  expect(await Promise.all(wrong)).toEqual(['InvalidSignatureException', 'UnrecognizedClientException'])
})

test('a region that is not enabled knows nobody', async () => {
  lab.publicKeys.closeRegion('ap-east-1')
  expect(await refusal(ask({}, 'ap-east-1'))).toMatchObject({ status: 400, code: 'UnrecognizedClientException' })
})

test('throttles as a fault, and counts the call with its caller', async () => {
  const fault = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ListPublicKeys'] }] })
  expect(await refusal(ask({}))).toMatchObject(fault)
  lab.setFaults({ rules: [{ fault: 'internalError', probability: 1 }] })
  lab.requests.clear()
  await ask(inWindow)
  expect(lab.requests.recent('ListPublicKeys')).toMatchObject([{ principal: admin.arn, status: 200 }])
  expect(lab.requests.recent()[0]?.query.get('StartTime')).toBe(String(window.fromMs / 1_000))
})
