import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, expect, test } from 'vitest'
import { labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, refusal, stsAs } from './lab-clients.ts'

let nowMs = Date.now()
const lab = await startLab({ now: () => nowMs, minSessionSeconds: 1 })
afterAll(() => lab.stop())
const whoAmI = new GetCallerIdentityCommand({})

test('returns the identity of a user, a session and a root', async () => {
  const session = await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B })
  const arns = await Promise.all(
    [lab.principals.bAudit, session, lab.principals.root].map(
      async (keys) => (await stsAs(lab, keys).send(whoAmI)).Arn,
    ),
  )
  expect(arns).toEqual([
    'arn:aws:iam::222222222222:user/b-audit',
    'arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/test',
    'arn:aws:iam::111111111111:root',
  ])
})

test('an unknown key, a wrong secret and a wrong token have different codes', async () => {
  const { bAudit } = lab.principals
  const session = await assume(lab, bAudit, { RoleArn: labRoles.B })
  const refusals = [
    { ...bAudit, accessKeyId: 'AKIANOBODY' },
    { ...bAudit, secretAccessKey: 'wrong' },
    { ...session, sessionToken: 'wrong' },
  ].map(async (keys) => (await refusal(stsAs(lab, keys).send(whoAmI))).code)
  expect(await Promise.all(refusals)).toEqual(['InvalidClientTokenId', 'SignatureDoesNotMatch', 'InvalidClientTokenId'])
})

test('a session of a second expires after a second', async () => {
  const session = await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B, DurationSeconds: 1 })
  nowMs += 1_000
  const answer = await refusal(stsAs(lab, session).send(whoAmI))
  expect(answer).toMatchObject({ status: 403, code: 'ExpiredToken' })
})

test('refuses a clock that is wrong by more than 15 minutes', async () => {
  nowMs += 16 * 60_000
  const answer = await refusal(stsAs(lab, lab.principals.bAudit).send(whoAmI))
  nowMs = Date.now()
  expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
  expect(answer.message).toMatch(/^Signature expired: \d{8}T\d{6}Z is now earlier than/)
})

test('reports an unknown operation', async () => {
  const form = { method: 'POST', body: 'Action=GetSessionToken&Version=2011-06-15' }
  expect((await fetch(lab.endpoint, form)).status).toBe(403)
  expect(lab.requests.count('GetSessionToken')).toBe(1)
})
