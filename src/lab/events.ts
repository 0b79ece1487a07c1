import type { AccountId } from '../trail/account-id.ts'
import { pick, randomIndex, randomText, randomUuid, type Random } from './random.ts'

/** The kinds of log in a sample. Digests are made from these. */
export type SampleKind = 'events' | 'insight' | 'network-activity'

export interface RecordFacts {
  readonly account: AccountId
  readonly region: string
  readonly kind: SampleKind
  readonly eventTimeMs: number
}

/** Returns a CloudTrail record that looks real. All names are invented; addresses are from the documentation ranges. */
export function sampleRecord(random: Random, facts: RecordFacts): Record<string, unknown> {
  const { account, region, kind, eventTimeMs } = facts
  const common = {
    eventVersion: '1.11',
    eventTime: isoSeconds(eventTimeMs),
    awsRegion: region,
    eventID: randomUuid(random),
    recipientAccountId: account,
  }
  if (kind === 'insight') return { ...common, ...insight(random) }
  const call = pick(random, calls)
  const record = {
    ...common,
    userIdentity: identity(random, account, eventTimeMs),
    eventSource: call.source,
    eventName: call.name,
    sourceIPAddress: `203.0.113.${randomIndex(random, 254) + 1}`,
    userAgent: pick(random, userAgents),
    requestParameters: call.parameters(random, account),
    responseElements: call.readOnly ? null : { _return: true },
    requestID: randomUuid(random),
    readOnly: call.readOnly,
  }
  const denied = random() < 0.06 ? { errorCode: 'AccessDenied', errorMessage: deniedMessage(account, call) } : {}
  return kind === 'network-activity'
    ? { ...record, ...denied, ...networkFacts(random, account) }
    : { ...record, ...denied, eventType: 'AwsApiCall', managementEvent: true, eventCategory: 'Management' }
}

interface ApiCall {
  readonly source: string
  readonly name: string
  readonly readOnly: boolean
  readonly parameters: (random: Random, account: AccountId) => Record<string, unknown> | null
}

const calls: readonly [ApiCall, ...ApiCall[]] = [
  {
    source: 'sts.amazonaws.com',
    name: 'AssumeRole',
    readOnly: true,
    parameters: (random, account) => ({
      roleArn: `arn:aws:iam::${account}:role/${pick(random, roles)}`,
      roleSessionName: pick(random, users),
      durationSeconds: 3600,
    }),
  },
  {
    source: 'ec2.amazonaws.com',
    name: 'DescribeInstances',
    readOnly: true,
    parameters: (random) => ({
      instancesSet: { items: [{ instanceId: hexId(random, 'i') }] },
      filterSet: {},
    }),
  },
  {
    source: 'ec2.amazonaws.com',
    name: 'AuthorizeSecurityGroupIngress',
    readOnly: false,
    parameters: (random) => ({
      groupId: hexId(random, 'sg'),
      ipPermissions: {
        items: [
          { ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: { items: [{ cidrIp: '198.51.100.0/24' }] } },
        ],
      },
    }),
  },
  {
    source: 's3.amazonaws.com',
    name: 'GetBucketAcl',
    readOnly: true,
    parameters: (random) => {
      const bucketName = `team-${pick(random, users)}-data`
      return { bucketName, Host: `${bucketName}.s3.amazonaws.com`, acl: '' }
    },
  },
  {
    source: 'iam.amazonaws.com',
    name: 'ListAttachedRolePolicies',
    readOnly: true,
    parameters: (random) => ({ roleName: pick(random, roles) }),
  },
  {
    source: 'iam.amazonaws.com',
    name: 'CreateAccessKey',
    readOnly: false,
    parameters: (random) => ({ userName: pick(random, users) }),
  },
  {
    source: 'kms.amazonaws.com',
    name: 'Decrypt',
    readOnly: true,
    parameters: (random) => ({
      encryptionContext: { SecretARN: `secret-${randomText(random, letters, 6)}` },
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    }),
  },
  {
    source: 'lambda.amazonaws.com',
    name: 'UpdateFunctionCode20150331v2',
    readOnly: false,
    parameters: (random) => ({ functionName: `job-${randomText(random, letters, 8)}`, dryRun: false, publish: true }),
  },
  { source: 'signin.amazonaws.com', name: 'ConsoleLogin', readOnly: false, parameters: () => null },
]

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const users = ['ana', 'bruno', 'chen', 'dara', 'deploy', 'ci-runner'] as const
const roles = ['Admin', 'ReadOnly', 'DeployPipeline', 'DataExport', 'BreakGlass'] as const
const userAgents = [
  'aws-cli/2.31.8 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7',
  'Boto3/1.40.41 md/Botocore#1.40.41 ua/2.1 os/linux lang/python#3.12.3',
  'APN/1.0 HashiCorp/1.0 Terraform/1.13.3 aws-sdk-go-v2/1.39.2',
  'console.amazonaws.com',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
] as const

function identity(random: Random, account: AccountId, eventTimeMs: number): Record<string, unknown> {
  const user = pick(random, users)
  const accessKeyId = `ASIA${randomText(random, letters, 16).toUpperCase()}`
  if (random() < 0.4) {
    const principalId = `AIDA${randomText(random, letters, 17).toUpperCase()}`
    return {
      type: 'IAMUser',
      principalId,
      arn: `arn:aws:iam::${account}:user/${user}`,
      accountId: account,
      accessKeyId,
      userName: user,
    }
  }
  const role = pick(random, roles)
  const principalId = `AROA${randomText(random, letters, 17).toUpperCase()}`
  const issuer = {
    type: 'Role',
    principalId,
    arn: `arn:aws:iam::${account}:role/${role}`,
    accountId: account,
    userName: role,
  }
  const creationDate = isoSeconds(eventTimeMs - randomIndex(random, 3_600_000))
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${user}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${user}`,
    accountId: account,
    accessKeyId,
    sessionContext: { sessionIssuer: issuer, attributes: { creationDate, mfaAuthenticated: String(random() < 0.5) } },
  }
}

function insight(random: Random): Record<string, unknown> {
  const statistics = {
    baseline: { average: random() * 2 },
    insight: { average: 5 + random() * 40 },
    insightDuration: randomIndex(random, 30) + 1,
    baselineDuration: 11_459,
  }
  return {
    eventType: 'AwsCloudTrailInsight',
    sharedEventID: randomUuid(random),
    insightDetails: {
      state: pick(random, ['Start', 'End']),
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      insightType: 'ApiCallRateInsight',
      insightContext: { statistics },
    },
    eventCategory: 'Insight',
  }
}

function networkFacts(random: Random, account: AccountId): Record<string, unknown> {
  return {
    eventType: 'AwsVpceEvent',
    managementEvent: false,
    vpcEndpointId: hexId(random, 'vpce'),
    vpcEndpointAccountId: account,
    eventCategory: 'NetworkActivity',
  }
}

function deniedMessage(account: AccountId, call: ApiCall): string {
  const action = `${call.source.split('.')[0] ?? ''}:${call.name}`
  return `User: arn:aws:iam::${account}:user/ana is not authorized to perform: ${action}`
}

function hexId(random: Random, prefix: string): string {
  return `${prefix}-0${randomText(random, '0123456789abcdef', 16)}`
}

function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d{3}/, '')
}
