import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterAll, describe, expect, test } from 'vitest'
import { labExternalId, labMfaCode, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { assume, refusal, stsAs } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const { bAudit, zAudit, root } = lab.principals

describe('AssumeRole', () => {
  test("lets B's user assume B's role, and returns the session", async () => {
    const command = new AssumeRoleCommand({ RoleArn: labRoles.B, RoleSessionName: 'pull' })
    const answer = await stsAs(lab, bAudit).send(command)
    expect(answer.AssumedRoleUser?.Arn).toBe('arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/pull')
    expect(answer.Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now() + 3_590_000)
  })

  test("refuses Z's role to B's user with STS's message", async () => {
    expect(await refusal(assume(lab, bAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId }))).toEqual({
      status: 403,
      code: 'AccessDenied',
      message: `User: arn:aws:iam::222222222222:user/b-audit is not authorized to perform: sts:AssumeRole on resource: ${labRoles.Z}`,
    })
  })

  test('refuses a user whose own policies do not allow it, although the role trusts its account', async () => {
    const stranger = lab.iam.addUser({ account: bAudit.account, name: 'stranger' })
    expect(await refusal(assume(lab, stranger, { RoleArn: labRoles.B }))).toMatchObject({ code: 'AccessDenied' })
  })

  test('inside an account, accepts a trust policy that names the caller', async () => {
    const account = '555555555555' as AccountId
    const user = lab.iam.addUser({ account, name: 'named' })
    const trust = { Statement: { Effect: 'Allow', Principal: { AWS: user.arn }, Action: 'sts:AssumeRole' } } as const
    const role = lab.iam.addRole({ account, name: 'Named', trust })
    expect(await assume(lab, user, { RoleArn: role.arn })).toHaveProperty('sessionToken')
  })

  test('denies a role that does not exist like any other', async () => {
    const RoleArn = 'arn:aws:iam::111111111111:role/Nobody'
    expect(await refusal(assume(lab, bAudit, { RoleArn }))).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('refuses every role to root', async () => {
    expect(await refusal(assume(lab, root, { RoleArn: labRoles.B }))).toMatchObject({
      code: 'AccessDenied',
      message: 'Roles may not be assumed by root accounts.',
    })
  })

  test.each([undefined, 'wrong-id'])('refuses Z with the external ID %s', async (ExternalId) => {
    const call = assume(lab, zAudit, { RoleArn: labRoles.Z, ...(ExternalId === undefined ? {} : { ExternalId }) })
    expect(await refusal(call)).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('requires a separate right for tags', async () => {
    const call = assume(lab, bAudit, { RoleArn: labRoles.B, Tags: [{ Key: 'team', Value: 'audit' }] })
    expect((await refusal(call)).message).toContain('not authorized to perform: sts:TagSession')
  })
})

describe('a source identity', () => {
  const account = bAudit.account
  const allow = (Action: string[]) => ({ Statement: { Effect: 'Allow', Action, Resource: '*' } }) as const
  const trust = (Action: string[]) =>
    ({ Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action } }) as const
  const both = ['sts:AssumeRole', 'sts:SetSourceIdentity']

  test('is passed on in a role chain, and each role needs the right to set it', async () => {
    const user = lab.iam.addUser({ account, name: 'identified', policies: [allow(both)] })
    const first = lab.iam.addRole({ account, name: 'First', trust: trust(both), policies: [allow(both)] })
    const last = lab.iam.addRole({ account, name: 'Last', trust: trust(both) })
    const Policy = JSON.stringify(allow(['sts:AssumeRole']))
    const asAna = { RoleArn: first.arn, SourceIdentity: 'ana' }
    expect(await assume(lab, await assume(lab, user, asAna), { RoleArn: last.arn })).toHaveProperty('sessionToken')
    const narrowed = await assume(lab, user, { ...asAna, Policy })
    expect((await refusal(assume(lab, narrowed, { RoleArn: last.arn }))).message).toContain('sts:SetSourceIdentity')
    const unnamed = await assume(lab, user, { RoleArn: first.arn, Policy })
    expect(await assume(lab, unnamed, { RoleArn: last.arn })).toHaveProperty('sessionToken')
  })
})

describe('MFA', () => {
  const withMfa = { RoleArn: labRoles.Z, ExternalId: labExternalId, SerialNumber: labMfaSerial }

  test('accepts the right code', async () => {
    expect(await assume(lab, zAudit, { ...withMfa, TokenCode: labMfaCode })).toHaveProperty('sessionToken')
  })

  test('refuses a wrong code', async () => {
    expect((await refusal(assume(lab, zAudit, { ...withMfa, TokenCode: '000000' }))).message).toContain(
      'MultiFactorAuthentication failed with invalid MFA one time pass code',
    )
  })

  test('a role that requires MFA needs the code', async () => {
    const role = lab.iam.addRole({
      account: zAudit.account,
      name: 'NeedsMfa',
      trust: {
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: zAudit.arn },
          Action: 'sts:AssumeRole',
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        },
      },
    })
    expect(await refusal(assume(lab, zAudit, { RoleArn: role.arn }))).toMatchObject({ code: 'AccessDenied' })
    const mfa = { SerialNumber: labMfaSerial, TokenCode: labMfaCode }
    expect(await assume(lab, zAudit, { RoleArn: role.arn, ...mfa })).toHaveProperty('sessionToken')
  })
})

describe('limits', () => {
  test.each([
    [899, 'greater than or equal to 900'],
    [43_201, 'less than or equal to 43200'],
  ])('refuses %i seconds', async (DurationSeconds, words) => {
    const answer = await refusal(assume(lab, bAudit, { RoleArn: labRoles.B, DurationSeconds }))
    expect(answer).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(answer.message).toContain(words)
  })

  test("refuses a duration above the role's maximum, and does not shorten it", async () => {
    const input = { RoleArn: labRoles.Z, ExternalId: labExternalId, DurationSeconds: 7_200 }
    expect(await refusal(assume(lab, zAudit, input))).toEqual({
      status: 400,
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    })
  })

  test('a chained role lasts an hour at most', async () => {
    const trust = { Statement: { Effect: 'Allow', Principal: { AWS: labRoles.Z }, Action: 'sts:AssumeRole' } } as const
    const account = '111111111111' as AccountId
    const role = lab.iam.addRole({ account, name: 'Second', trust, maxSessionSeconds: 43_200 })
    const z = await assume(lab, zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId })
    expect(await refusal(assume(lab, z, { RoleArn: role.arn, DurationSeconds: 3_601 }))).toMatchObject({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    })
    expect(await assume(lab, z, { RoleArn: role.arn, DurationSeconds: 3_600 })).toHaveProperty('sessionToken')
  })

  test('refuses a session policy above 2,048 characters', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: `*${' '.repeat(2_048)}` } })
    expect(await refusal(assume(lab, bAudit, { RoleArn: labRoles.B, Policy }))).toMatchObject({
      status: 400,
      code: 'ValidationError',
    })
  })

  test('refuses a session policy and tags that are too large together', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: 'x'.repeat(1_900) } })
    const Tags = [{ Key: 'note', Value: 'y'.repeat(200) }]
    expect(await refusal(assume(lab, bAudit, { RoleArn: labRoles.B, Policy, Tags }))).toMatchObject({
      code: 'PackedPolicyTooLargeException',
    })
  })

  test('refuses an invalid session policy', async () => {
    expect(await refusal(assume(lab, bAudit, { RoleArn: labRoles.B, Policy: '{}' }))).toMatchObject({
      code: 'MalformedPolicyDocumentException',
    })
  })
})
