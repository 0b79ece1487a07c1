import type { AccountId } from '../../trail/account-id.ts'
import { pick, randomIndex, randomText, type Random } from '../random.ts'
import type { Call, Place } from './call-record.ts'
import { isoSeconds, people, type Role, roleId, roles, sessionKey, upperCase, type User, users } from './cast.ts'

const hexadecimal = '0123456789abcdef'
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

type AnyCall = (random: Random, place: Place) => Call

/** Calls that change nothing. */
export const reads: readonly [AnyCall, ...AnyCall[]] = [
  (random) => describeInstances(random),
  (random) => describeInstances(random),
  (random) => {
    const bucketName = `team-${pick(random, people)}-data`
    const parameters = { bucketName, Host: `${bucketName}.s3.amazonaws.com`, acl: '' }
    return { service: 's3', name: 'GetBucketAcl', readOnly: true, parameters, more: signed }
  },
  (random) => ({
    service: 'iam',
    name: 'ListAttachedRolePolicies',
    readOnly: true,
    parameters: { roleName: pick(random, roles) },
  }),
  () => ({ service: 'sts', name: 'GetCallerIdentity', readOnly: true }),
  (random) => ({
    service: 'lambda',
    name: 'GetFunction20150331v2',
    readOnly: true,
    parameters: { functionName: `job-${pick(random, people)}-nightly` },
  }),
]

/** Everyday calls that change something. */
export const writes: readonly [AnyCall, ...AnyCall[]] = [
  (random) => ({
    service: 'ec2',
    name: 'AuthorizeSecurityGroupIngress',
    readOnly: false,
    parameters: { groupId: hexId(random, 'sg'), ipPermissions: { items: [httpsFrom('198.51.100.0/24')] } },
    response: { _return: true },
  }),
  (random) => ({
    service: 'lambda',
    name: 'UpdateFunctionCode20150331v2',
    readOnly: false,
    parameters: { functionName: `job-${randomText(random, letters, 8)}`, dryRun: false, publish: true },
  }),
  (random, { account, region }) => {
    const instanceId = hexId(random, 'i')
    const arn = `arn:aws:ec2:${region}:${account}:instance/${instanceId}`
    return {
      service: 'ec2',
      name: 'StartInstances',
      readOnly: false,
      parameters: { instancesSet: { items: [{ instanceId }] } },
      response: { instancesSet: { items: [{ instanceId, currentState: { code: 0, name: 'pending' } }] } },
      more: { eventContext: tagged(arn, pick(random, people)) },
    }
  },
]

function describeInstances(random: Random): Call {
  const parameters = { instancesSet: { items: [{ instanceId: hexId(random, 'i') }] }, filterSet: {} }
  return { service: 'ec2', name: 'DescribeInstances', readOnly: true, parameters }
}

/** Returns a call of AssumeRole, and the access key of the new session, which the response of the call contains. */
export function assumeRole(
  random: Random,
  { account, timeMs, role, session }: { account: AccountId; timeMs: number; role: Role; session: string },
): { readonly call: Call; readonly accessKeyId: string } {
  const accessKeyId = sessionKey(random)
  const arn = `arn:aws:iam::${account}:role/${role}`
  const call = {
    service: 'sts',
    name: 'AssumeRole',
    readOnly: true,
    parameters: { roleArn: arn, roleSessionName: session, durationSeconds: 3600 },
    response: {
      credentials: {
        accessKeyId,
        sessionToken: `IQoJb3JpZ2luX2Vj${randomText(random, upperCase, 12)}`,
        expiration: isoSeconds(timeMs + 3_600_000),
      },
      assumedRoleUser: {
        assumedRoleId: `${roleId(account, role)}:${session}`,
        arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
      },
    },
    resources: [{ accountId: account, type: 'AWS::IAM::Role', ARN: arn }],
  }
  return { call, accessKeyId }
}

/** Returns the name of a bucket that some scenes delete. Each log account has one. */
export function paymentsBucket(account: AccountId): string {
  return `payments-${account}`
}

export function deleteBucket(account: AccountId, bucketName: string): Call {
  return {
    service: 's3',
    name: 'DeleteBucket',
    readOnly: false,
    parameters: { bucketName, Host: 's3.amazonaws.com' },
    resources: [{ accountId: account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucketName}` }],
    more: signed,
  }
}

/** Returns a call such as `StopLogging` or `DeleteTrail`, which take only the ARN of the trail. */
export function trailCall(name: string, { account, region }: Place): Call {
  const arn = `arn:aws:cloudtrail:${region}:${account}:trail/account-trail`
  return { service: 'cloudtrail', name, readOnly: false, parameters: { name: arn } }
}

export function keyDeletion(random: Random, place: Place, timeMs: number): Call {
  const { keyId, resources } = kmsKey(random, place)
  return {
    service: 'kms',
    name: 'ScheduleKeyDeletion',
    readOnly: false,
    parameters: { keyId, pendingWindowInDays: 7 },
    response: {
      keyId,
      keyState: 'PendingDeletion',
      deletionDate: isoSeconds(timeMs + 7 * 86_400_000),
      pendingWindowInDays: 7,
    },
    resources,
  }
}

export function decrypt(random: Random, place: Place): Call {
  const { keyId, resources } = kmsKey(random, place)
  const { account, region } = place
  const secret = `arn:aws:secretsmanager:${region}:${account}:secret:${pick(random, people)}-db`
  return {
    service: 'kms',
    name: 'Decrypt',
    readOnly: true,
    parameters: { encryptionContext: { SecretARN: secret }, encryptionAlgorithm: 'SYMMETRIC_DEFAULT', keyId },
    resources,
  }
}

export function dataKey(random: Random, place: Place): Call {
  const { keyId, resources } = kmsKey(random, place)
  return {
    service: 'kms',
    name: 'GenerateDataKey',
    readOnly: true,
    parameters: { keyId, keySpec: 'AES_256' },
    resources,
  }
}

export function objectCall(random: Random, account: AccountId): Call {
  const isRead = random() < 0.7
  const bucketName = `team-${pick(random, people)}-data`
  const key = `exports/${randomIndex(random, 400)}.csv`
  return {
    service: 's3',
    name: isRead ? 'GetObject' : 'PutObject',
    readOnly: isRead,
    parameters: { bucketName, Host: `${bucketName}.s3.amazonaws.com`, key },
    resources: [
      { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucketName}/${key}` },
      { accountId: account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucketName}` },
    ],
    more: { ...signed, managementEvent: false, eventCategory: 'Data' },
  }
}

export function createAccessKey(random: Random, userName: User, timeMs: number): Call {
  const accessKeyId = `AKIA${randomText(random, upperCase, 16)}`
  return {
    service: 'iam',
    name: 'CreateAccessKey',
    readOnly: false,
    parameters: { userName },
    response: { accessKey: { accessKeyId, status: 'Active', userName, createDate: isoSeconds(timeMs) } },
  }
}

export function attachUserPolicy(userName: User): Call {
  const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  return { service: 'iam', name: 'AttachUserPolicy', readOnly: false, parameters: { userName, policyArn } }
}

/** Returns a call that is denied because its caller lacks the right. */
export function deniedCall(random: Random, place: Place, arn: string): Call {
  const { account } = place
  const kind = randomIndex(random, 4)
  if (kind === 0) {
    const parameters = { instancesSet: { items: [{ instanceId: hexId(random, 'i') }] } }
    return { service: 'ec2', name: 'TerminateInstances', readOnly: false, parameters, error: unauthorizedEc2(random) }
  }
  if (kind === 1) {
    const call = deleteBucket(account, paymentsBucket(account))
    return { ...call, error: notAuthorized(arn, 's3:DeleteBucket', `arn:aws:s3:::${paymentsBucket(account)}`) }
  }
  if (kind === 2) {
    const userName = pick(random, users)
    const error = notAuthorized(arn, 'iam:AttachUserPolicy', `arn:aws:iam::${account}:user/${userName}`)
    return { ...attachUserPolicy(userName), error }
  }
  const call = decrypt(random, place)
  return { ...call, error: notAuthorized(arn, 'kms:Decrypt', String(call.resources?.[0]?.['ARN'])) }
}

function notAuthorized(arn: string, action: string, resource: string) {
  const why = `because no identity-based policy allows the ${action} action`
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`
  return { code: 'AccessDenied', message }
}

/** EC2 encodes the reason. Only callers with the right `sts:DecodeAuthorizationMessage` can read it. */
function unauthorizedEc2(random: Random) {
  const message = `You are not authorized to perform this operation. Encoded authorization failure message: ${randomText(random, upperCase, 24)}`
  return { code: 'Client.UnauthorizedOperation', message }
}

/** Returns one of four keys of the log account and region. */
function kmsKey(random: Random, { account, region }: Place) {
  const keyId = `arn:aws:kms:${region}:${account}:key/0a1b2c3d-0000-4000-8000-00000000000${randomIndex(random, 4)}`
  return { keyId, resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN: keyId }] }
}

/** Returns an event context: tags of the resource and keys of the request (AWS, "Enrich CloudTrail events"). */
function tagged(arn: string, team: string) {
  return {
    requestContext: { 'aws:ViaAWSService': 'false' },
    tagContext: { resourceTags: [{ arn, tags: { team } }] },
  }
}

const signed = {
  additionalEventData: {
    SignatureVersion: 'SigV4',
    CipherSuite: 'TLS_AES_128_GCM_SHA256',
    AuthenticationMethod: 'AuthHeader',
  },
}

function httpsFrom(cidrIp: string) {
  return { ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: { items: [{ cidrIp }] } }
}

export function hexId(random: Random, prefix: string): string {
  return `${prefix}-0${randomText(random, hexadecimal, 16)}`
}
