import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compactPolicy, type PolicyStatement } from '../../../src/identity/policy-document.ts'
import { shapeOf } from '../../../src/identity/sharing/check-policy.ts'
import { sharingPolicies } from '../../../src/identity/sharing/sharing-policies.ts'
import type { SharingKind } from '../../../src/identity/sharing/sharing-policy.ts'
import { grammarFaults } from './iam-grammar.ts'
import { anyRequest, request, sharingB } from './requests.ts'

function statementsOf(kind: SharingKind, changes: Parameters<typeof request>[0] = {}): readonly PolicyStatement[] {
  const found = sharingPolicies(request(changes)).filter((policy) => policy.kind === kind)
  return found.flatMap(({ document }) => document.Statement)
}

test("every policy has IAM's grammar, the right partition and a unique name", () => {
  fc.assert(
    fc.property(anyRequest, (any) => {
      const policies = sharingPolicies(any)
      const partition = any.accounts[0]?.role.split(':')[1]
      for (const policy of policies) {
        const json = compactPolicy(policy.document)
        expect(grammarFaults(json, shapeOf(policy))).toEqual([])
        const partitions = new Set([...json.matchAll(/"arn:([^:]+):/g)].map(([, found]) => found))
        expect([...partitions].filter((found) => found !== partition)).toEqual([])
        expect(policy.name).toMatch(/^[\w+=,.@-]{1,128}$/)
      }
      expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length)
    }),
    { numRuns: 60 },
  )
})

test('trusts the whole account, which may list and read its own logs', () => {
  expect(statementsOf('trust')).toEqual([
    {
      Sid: 'AllowAssumeRole',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::222222222222:root' },
      Action: 'sts:AssumeRole',
    },
  ])
  expect(statementsOf('role')).toEqual([
    {
      Sid: 'ListLogs',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::logs',
      Condition: { StringLike: { 's3:prefix': 'AWSLogs/222222222222/*' } },
    },
    { Sid: 'ReadLogs', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::logs/AWSLogs/222222222222/*' },
  ])
})

test('trusts a third party with its external ID, and an account with a device only with MFA', () => {
  const accounts = [sharingB({ externalId: 'z-4711', mfa: 'arn:aws:iam::222222222222:mfa/ana' })]
  expect(statementsOf('trust', { accounts })[0]?.Condition).toEqual({
    StringEquals: { 'sts:ExternalId': 'z-4711' },
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
  })
})

test('trusts only the hop that leads to the role, and requires MFA only for the call that sends it', () => {
  const hop = 'arn:aws:iam::222222222222:role/Hop'
  const accounts = [sharingB({ via: [{ role: hop }], mfa: 'arn:aws:iam::222222222222:mfa/ana' })]
  expect(statementsOf('trust', { accounts })[0]).toMatchObject({ Principal: { AWS: hop } })
  expect(statementsOf('trust', { accounts })[0]?.Condition).toBeUndefined()
  expect(statementsOf('hop-trust', { accounts })[0]?.Condition).toEqual({
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
  })
  expect(statementsOf('hop', { accounts })[0]?.Resource).toBe(accounts[0]?.role)
  expect(statementsOf('caller', { accounts })[0]?.Resource).toBe(hop)
})

test('the role of an instance trusts EC2, is the only one trusted if known, and goes into an instance profile', () => {
  const instance = 'arn:aws:iam::222222222222:role/path/Collector'
  const accounts = [sharingB({ credentials: { type: 'ec2' } })]
  const callers = new Map([['B', instance]])
  const policies = sharingPolicies(request({ accounts, callers }))
  expect(policies.map(({ kind, attachment }) => [kind, attachment])).toEqual([
    ['service-trust', { type: 'role-trust', roleName: 'Collector', path: '/path/', instanceProfile: true }],
    ['caller', { type: 'role-policy', roleName: 'Collector' }],
    ['trust', { type: 'role-trust', roleName: 'CloudTrailLogs-B', path: '/' }],
    ['role', { type: 'role-policy', roleName: 'CloudTrailLogs-B' }],
  ])
  expect(policies[0]?.document.Statement[0]?.Principal).toEqual({ Service: 'ec2.amazonaws.com' })
  expect(policies[2]?.document.Statement[0]?.Principal).toEqual({ AWS: instance })
})

test('accounts that share a role get one trust policy and one role policy with the statements of both', () => {
  const accounts = [sharingB(), sharingB({ label: 'B-2', externalId: 'other', reads: 'all' })]
  const policies = sharingPolicies(request({ accounts }))
  expect(policies.map(({ kind, accounts: labels }) => `${kind} ${labels.join('+')}`)).toEqual([
    'caller B',
    'caller B-2',
    'trust B+B-2',
    'role B+B-2',
  ])
  expect(statementsOf('trust', { accounts }).map(({ Sid }) => Sid)).toEqual(['AllowAssumeRoleB', 'AllowAssumeRoleB2'])
})

test('a session of more than an hour needs a role that allows it', () => {
  const accounts = [sharingB({ durationSeconds: 7_200 })]
  const trust = sharingPolicies(request({ accounts })).find(({ kind }) => kind === 'trust')
  expect(trust?.attachment).toMatchObject({ maxSessionSeconds: 7_200 })
})

test("a role of another account needs the bucket's policy and its own policy", () => {
  const accounts = [sharingB({ role: 'arn:aws:iam::222222222222:role/Reader' })]
  const policies = sharingPolicies(request({ accounts }))
  expect(policies.map(({ kind, side }) => `${side} ${kind}`)).toEqual([
    'caller caller',
    'caller trust',
    'caller role',
    'owner bucket',
  ])
  expect(statementsOf('bucket', { accounts })[0]?.Principal).toEqual({ AWS: 'arn:aws:iam::222222222222:role/Reader' })
})

test("the bucket's policy can replace the role's policy", () => {
  const policies = sharingPolicies(request({ byBucketPolicy: true }))
  expect(policies.map(({ kind }) => kind)).toEqual(['caller', 'trust', 'bucket'])
})

test("allows the logs' key to decrypt only through S3, and with the trail's ARN only for that trail", () => {
  const trailArn = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/t'
  const keyArn = 'arn:aws:kms:us-east-1:111111111111:key/1'
  const [statement] = statementsOf('key', { extras: { keyArn, trailArn } })
  expect(statement).toEqual({
    Sid: 'DecryptLogsB',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111111111111:role/CloudTrailLogs-B' },
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: {
      StringLike: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
      StringEquals: { 'kms:EncryptionContext:aws:cloudtrail:arn': trailArn },
    },
  })
  expect(statementsOf('role', { extras: { keyArn } }).find(({ Sid }) => Sid === 'DecryptLogs')?.Resource).toBe(keyArn)
})

test('allows copies only to the target, whose bucket policy is needed if it belongs to another account', () => {
  const accounts = [sharingB({ allow: ['copy'] })]
  const target = { bucket: 'archive', prefix: 'x/' }
  const role = statementsOf('role', { accounts, extras: { target } })
  expect(role.find(({ Sid }) => Sid === 'StoreCopies')?.Resource).toBe('arn:aws:s3:::archive/x/*')
  expect(statementsOf('target-bucket', { accounts, extras: { target } })).toEqual([])
  const targetOwner = '666666666666' as never
  const bucket = statementsOf('target-bucket', { accounts, extras: { target, targetOwner } })
  expect(bucket.map(({ Sid }) => Sid)).toEqual(['ListCopiesB', 'ReadCopiesB', 'StoreCopiesB'])
})

test('grants no delete right to an account that may not delete', () => {
  fc.assert(
    fc.property(anyRequest, (any) => {
      const accounts = any.accounts.map((account) =>
        Object.assign({}, account, { allow: ['list', 'download', 'copy'] }),
      )
      const text = JSON.stringify(sharingPolicies({ ...any, accounts }))
      expect(text).not.toMatch(/s3:Delete|Bypass/)
    }),
    { numRuns: 30 },
  )
})
