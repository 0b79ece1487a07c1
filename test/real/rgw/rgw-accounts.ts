import { CreateBucketCommand, PutObjectCommand, S3Client, type StorageClass } from '@aws-sdk/client-s3'
import { iamCall, type UserKeys } from './iam-call.ts'
import type { RgwServer } from './rgw-server.ts'

/** An account that holds a role in A: its caller and the chain of roles. */
export interface RoleHolder {
  readonly id: string
  readonly caller: UserKeys
  /** Role ARNs to assume before `role`, in order. */
  readonly via: readonly string[]
  readonly role: string
}

/** Account A with its bucket, and the accounts that read it. Each is a tenant of the server. */
export interface RgwAccounts {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly owner: string
  readonly ownerKeys: UserKeys
  /** Reads its own logs, with a user's keys. */
  readonly B: RoleHolder
  /** Reads its own logs, through a hop. */
  readonly C: RoleHolder
  /** Reads, writes and deletes all logs. */
  readonly Z: RoleHolder
}

const region = 'us-east-1'
const bucket = 'example-cloudtrail-logs'
const owner = '111111111111'

/**
 * Makes Account A (111111111111) with the bucket `example-cloudtrail-logs`, the roles CloudTrailLogs-B, -C and -Z in it,
 * and the callers b-audit (222222222222), c-instance (333333333333, through its role AssumeRoleInA) and z-audit (444444444444).
 * No trust policy requires an external ID, because RGW denies every session with such a condition.
 */
export async function makeAccounts(server: RgwServer): Promise<RgwAccounts> {
  const [ownerKeys, b, c, cAdmin, z] = await Promise.all([
    makeUser(server, owner, 'owner', ['--caps', 'roles=*']),
    makeUser(server, '222222222222', 'b-audit'),
    makeUser(server, '333333333333', 'c-instance'),
    makeUser(server, '333333333333', 'c-admin', ['--caps', 'roles=*']),
    makeUser(server, '444444444444', 'z-audit'),
  ])
  const s3 = ownerClient(server.endpoint, ownerKeys)
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  s3.destroy()

  const hop = 'arn:aws:iam::333333333333:role/AssumeRoleInA'
  const role = (keys: UserKeys, name: string, trusted: string, permissions: readonly object[]) =>
    makeRole(server.endpoint, keys, name, trusted, permissions)
  await role(cAdmin, 'AssumeRoleInA', 'arn:aws:iam::333333333333:user/c-instance', [])
  await role(ownerKeys, 'CloudTrailLogs-B', 'arn:aws:iam::222222222222:root', ownLogs('222222222222'))
  await role(ownerKeys, 'CloudTrailLogs-C', hop, ownLogs('333333333333'))
  await role(ownerKeys, 'CloudTrailLogs-Z', 'arn:aws:iam::444444444444:root', allLogs)

  const roleInA = (label: string) => `arn:aws:iam::${owner}:role/CloudTrailLogs-${label}`
  return {
    endpoint: server.endpoint,
    region,
    bucket,
    owner,
    ownerKeys,
    B: { id: '222222222222', caller: b, via: [], role: roleInA('B') },
    C: { id: '333333333333', caller: c, via: [hop], role: roleInA('C') },
    Z: { id: '444444444444', caller: z, via: [], role: roleInA('Z') },
  }
}

/** Puts objects into A's bucket with the owner's keys. The server must have been started with the storage class. */
export async function putLogs(
  accounts: RgwAccounts,
  logs: ReadonlyMap<string, Uint8Array>,
  storageClass: StorageClass = 'STANDARD',
): Promise<void> {
  const s3 = ownerClient(accounts.endpoint, accounts.ownerKeys)
  const waiting = logs.entries()
  const putNext = async () => {
    // All workers share one iterator.
    for (const [key, body] of waiting) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, StorageClass: storageClass }))
    }
  }
  await Promise.all(Array.from({ length: 16 }, putNext))
  s3.destroy()
}

export async function makeUser(
  server: RgwServer,
  tenant: string,
  name: string,
  more: readonly string[] = [],
): Promise<UserKeys> {
  const keys = { accessKeyId: `${tenant}${name}`.replace('-', ''), secretAccessKey: `secret-of-${name}` }
  const flags = {
    tenant,
    uid: name,
    'display-name': name,
    'access-key': keys.accessKeyId,
    'secret-key': keys.secretAccessKey,
  }
  await server.admin(
    'user',
    'create',
    ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
    ...more,
  )
  return keys
}

export async function makeRole(
  endpoint: string,
  keys: UserKeys,
  name: string,
  trusted: string,
  permissions: readonly object[],
): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { AWS: [trusted] }, Action: ['sts:AssumeRole'] }
  await iamCall(endpoint, keys, 'CreateRole', {
    RoleName: name,
    Path: '/',
    AssumeRolePolicyDocument: policyDocument([trust]),
  })
  if (permissions.length === 0) return
  await iamCall(endpoint, keys, 'PutRolePolicy', {
    RoleName: name,
    PolicyName: 'logs',
    PolicyDocument: policyDocument(permissions),
  })
}

function ownLogs(account: string): readonly object[] {
  return [
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/AWSLogs/${account}/*`] },
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: [`arn:aws:s3:::${bucket}`],
      Condition: { StringLike: { 's3:prefix': [`AWSLogs/${account}/*`] } },
    },
  ]
}

const allLogs: readonly object[] = [
  {
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
    Resource: [`arn:aws:s3:::${bucket}/*`],
  },
  {
    Effect: 'Allow',
    Action: [
      's3:ListBucket',
      's3:ListBucketVersions',
      's3:GetBucketVersioning',
      's3:GetBucketLocation',
      's3:GetBucketObjectLockConfiguration',
    ],
    Resource: [`arn:aws:s3:::${bucket}`],
  },
  {
    // Includes the bucket, because RGW checks the right on it before the keys of a DeleteObjects.
    Effect: 'Allow',
    Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  },
]

/** Compact, because RGW refuses policies with spaces after colons. */
function policyDocument(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

export function ownerClient(endpoint: string, credentials: UserKeys): S3Client {
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true })
}
