import type { AccountId } from '../trail/account-id.ts'
import { accountPrefix } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { Bucket } from './stored-bucket.ts'
import type { LabKeys, LabUserKeys } from './iam.ts'
import type { PolicyDocument, PolicyStatement } from './evaluate-policy.ts'
import type { World } from './world.ts'

/** The accounts of the fixture. A owns the bucket; B, C and Z read from it. */
export const labAccounts = {
  A: '111111111111' as AccountId,
  B: '222222222222' as AccountId,
  C: '333333333333' as AccountId,
  Z: '444444444444' as AccountId,
} as const

export const labBucket = 'example-cloudtrail-logs'
export const labRegion = 'us-east-1'

export const labRoles = {
  B: 'arn:aws:iam::111111111111:role/CloudTrailLogs-B',
  C: 'arn:aws:iam::111111111111:role/CloudTrailLogs-C',
  Z: 'arn:aws:iam::111111111111:role/CloudTrailLogs-Z',
  /** The hop between C's instance and its role in A. */
  assumeRoleInA: 'arn:aws:iam::333333333333:role/AssumeRoleInA',
  /** The role of C's EC2 instance profile, which the metadata endpoint serves. */
  instance: 'arn:aws:iam::333333333333:role/LogCollectorInstance',
} as const

/** The external ID that Z must present to assume its role. */
export const labExternalId = 'z-audit-4f7c2b'
export const labMfaSerial = 'arn:aws:iam::444444444444:mfa/ana'
/** The code that the device always shows. */
export const labMfaCode = '246810'

/** The long-lived keys of the fixture. */
export interface LabPrincipals {
  /** User b-audit in B. */
  readonly bAudit: LabUserKeys
  /** User z-audit in Z, with an MFA device. */
  readonly zAudit: LabUserKeys
  /** The root user of A. STS refuses to assume roles for it. */
  readonly root: LabKeys
  /** User lab-admin in A, who may do everything. */
  readonly admin: LabUserKeys
}

/** Builds Account A and the accounts that read from it. `prefix` is the trail's key prefix, `organization` its organization ID. */
export function buildFixture(world: World, layout: TrailLayout): LabPrincipals {
  const { A, B, C, Z } = labAccounts
  const { iam } = world
  world.buckets.set(labBucket, new Bucket({ name: labBucket, owner: A, region: labRegion }, world.now))

  iam.addRole({
    ...roleIn(labRoles.B),
    trust: trustOf({ AWS: `arn:aws:iam::${B}:root` }),
    policies: [readsOwn(accountPrefix(layout, B))],
    maxSessionSeconds: 43_200,
  })
  iam.addRole({
    ...roleIn(labRoles.C),
    trust: trustOf({ AWS: labRoles.assumeRoleInA }),
    policies: [readsOwn(accountPrefix(layout, C))],
  })
  iam.addRole({
    ...roleIn(labRoles.Z),
    trust: trustOf({ AWS: `arn:aws:iam::${Z}:root` }, { StringEquals: { 'sts:ExternalId': labExternalId } }),
    policies: [readsAndWritesAll()],
  })
  iam.addRole({
    ...roleIn(labRoles.instance),
    trust: trustOf({ Service: 'ec2.amazonaws.com' }),
    policies: [mayAssume(labRoles.assumeRoleInA)],
  })
  iam.addRole({
    ...roleIn(labRoles.assumeRoleInA),
    trust: trustOf({ AWS: labRoles.instance }),
    policies: [mayAssume(labRoles.C)],
  })
  return {
    bAudit: iam.addUser({ account: B, name: 'b-audit', policies: [mayAssume(labRoles.B)] }),
    zAudit: iam.addUser({
      account: Z,
      name: 'z-audit',
      policies: [mayAssume(labRoles.Z)],
      mfaDevices: new Map([[labMfaSerial, labMfaCode]]),
    }),
    root: iam.addRootKeys(A),
    admin: iam.addUser({ account: A, name: 'lab-admin', policies: [policyOf(allow('*', '*'))] }),
  }
}

function roleIn(arn: string): { account: AccountId; name: string } {
  const [, , , , account = '', role = ''] = arn.split(':')
  return { account: account as AccountId, name: role.slice('role/'.length) }
}

/** The policy that AWS documents for an account's own logs; the listing is limited to its own prefix too. */
function readsOwn(prefix: string): PolicyDocument {
  return policyOf(allow(['s3:GetObject', 's3:GetObjectVersion'], `arn:aws:s3:::${labBucket}/${prefix}*`), {
    ...allow('s3:ListBucket', `arn:aws:s3:::${labBucket}`),
    Condition: { StringLike: { 's3:prefix': `${prefix}*` } },
  })
}

function readsAndWritesAll(): PolicyDocument {
  return policyOf(
    allow(['s3:Get*', 's3:List*'], [`arn:aws:s3:::${labBucket}/*`, `arn:aws:s3:::${labBucket}`]),
    allow(writes, `arn:aws:s3:::${labBucket}/*`),
    allow(['s3:ListAllMyBuckets', 'cloudtrail:ListPublicKeys'], '*'),
  )
}

const writes = [
  's3:PutObject',
  's3:PutObjectTagging',
  's3:PutObjectAcl',
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:RestoreObject',
]

function mayAssume(roleArn: string): PolicyDocument {
  return policyOf(allow('sts:AssumeRole', roleArn))
}

function trustOf(
  principal: { AWS: string } | { Service: string },
  condition?: PolicyStatement['Condition'],
): PolicyDocument {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' } as const
  return policyOf(condition === undefined ? statement : { ...statement, Condition: condition })
}

function allow(action: string | string[], resource: string | string[]): PolicyStatement {
  return { Effect: 'Allow', Action: action, Resource: resource }
}

function policyOf(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}
