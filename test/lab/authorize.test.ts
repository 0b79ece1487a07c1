import { expect, test } from 'vitest'
import type { Caller } from '../../src/lab/authenticate.ts'
import { denial } from '../../src/lab/authorize.ts'
import type { LabUser } from '../../src/lab/iam.ts'
import type { PolicyDocument, PolicyStatement } from '../../src/lab/evaluate-policy.ts'
import type { AccountId } from '../../src/trail/account-id.ts'

const A = '111111111111' as AccountId
const B = '222222222222' as AccountId
const arn = `arn:aws:iam::${B}:user/ana`
const rule = { Action: 's3:GetObject', Resource: '*' } as const
const allow: PolicyDocument = { Statement: { Effect: 'Allow', ...rule } }
const deny: PolicyDocument = { Statement: { Effect: 'Deny', ...rule } }
const forPrincipal = (AWS: string, effect: PolicyStatement['Effect'] = 'Allow'): PolicyDocument => ({
  Statement: { Effect: effect, Principal: { AWS }, ...rule },
})
const named = forPrincipal(arn)
const delegated = forPrincipal(`arn:aws:iam::${B}:root`)

test.each([
  // identity, bucket policy, owner, allowed
  [[], undefined, B, false],
  [[allow], undefined, B, true],
  [[], named, B, true],
  [[], delegated, B, false],
  [[allow, deny], undefined, B, false],
  [[allow], forPrincipal(arn, 'Deny'), B, false],
  [[allow], undefined, A, false],
  [[], named, A, false],
  [[allow], named, A, true],
  [[allow], delegated, A, true],
  [[allow], forPrincipal('arn:aws:iam::333333333333:root'), A, false],
] as const)('identity %j and bucket %j of owner %s: allowed is %s', (policies, bucketPolicy, owner, allowed) => {
  const user: LabUser = { arn, account: B, name: 'ana', policies: [...policies], mfaDevices: new Map() }
  const caller: Caller = { arn, account: B, user }
  const access = {
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::bucket/key',
    context: new Map(),
    owner,
    bucketPolicy,
  }
  expect(denial(caller, access) === undefined).toBe(allowed)
})

test('root may do everything in its account', () => {
  const caller: Caller = { arn: `arn:aws:iam::${A}:root`, account: A }
  const access = { action: 's3:DeleteObject', resource: 'arn:aws:s3:::bucket/key', context: new Map(), owner: A }
  expect(denial(caller, access)).toBeUndefined()
})
