import type { TrailLayout } from '../../trail/trail.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import { type OneOrMore, type PolicyStatement, escapeWildcards, oneOrMore } from '../policy-document.ts'
import type { SharingExtras } from './sharing-account.ts'

export interface NeedScope extends SharingExtras {
  readonly partition: string
  readonly bucket: string
  /** Patterns of keys, as a policy writes them: `AWSLogs/222222222222/*`. */
  readonly patterns: readonly string[]
  readonly region?: string | undefined
}

/** One thing that a role must be able to do. */
export type SharingNeed = keyof typeof statements

/** Returns the least that one need takes. Only this file says which actions a need has, and on which resources. */
export function needStatement(need: SharingNeed, scope: NeedScope): PolicyStatement {
  return statements[need](scope)
}

/** Returns the needs that have an action, those of the trail first. */
export function needsOf(action: string): readonly SharingNeed[] {
  const anywhere = { partition: 'aws', bucket: '', patterns: [''], target: { bucket: '', prefix: '' } }
  return (Object.keys(statements) as SharingNeed[]).filter((need) =>
    [statements[need](anywhere).Action].flat().includes(action),
  )
}

/** Returns the pattern of all keys of the trail, or the patterns of the keys of some log accounts. */
export function keyPatterns(layout: TrailLayout, logAccounts: 'all' | readonly string[]): readonly string[] {
  const base = escapeWildcards(logsBase(layout))
  return logAccounts === 'all' ? [`${base}*`] : logAccounts.map((account) => `${base}${account}/*`)
}

const statements = {
  listPublicKeys: () => allow('ListPublicKeys', ['cloudtrail:ListPublicKeys'], '*'),
  listBuckets: () => allow('ListBuckets', ['s3:ListAllMyBuckets'], '*'),
  list: (scope: NeedScope) => listing('ListLogs', ['s3:ListBucket'], scope),
  read: (scope: NeedScope) => onLogs('ReadLogs', ['s3:GetObject'], scope),
  decrypt: (scope: NeedScope) => decrypting(scope),
  readTags: (scope: NeedScope) => onLogs('ReadLogTags', ['s3:GetObjectTagging'], scope),
  thaw: (scope: NeedScope) => onLogs('RestoreArchivedLogs', ['s3:RestoreObject'], scope),
  delete: (scope: NeedScope) => onLogs('DeleteLogs', ['s3:DeleteObject'], scope),
  readProtection: (scope: NeedScope) =>
    allow(
      'ReadBucketProtection',
      ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'],
      bucketArn(scope.partition, scope.bucket),
    ),
  readSettings: (scope: NeedScope) =>
    allow(
      'ReadBucketSettings',
      ['s3:GetEncryptionConfiguration', 's3:GetLifecycleConfiguration'],
      bucketArn(scope.partition, scope.bucket),
    ),
  readNotifications: (scope: NeedScope) =>
    allow('ReadBucketNotifications', ['s3:GetBucketNotification'], bucketArn(scope.partition, scope.bucket)),
  listVersions: (scope: NeedScope) => listing('ListLogVersions', ['s3:ListBucketVersions'], scope),
  deleteVersions: (scope: NeedScope) => onLogs('DeleteLogVersions', ['s3:DeleteObjectVersion'], scope),
  readLocks: (scope: NeedScope) => onLogs('ReadLogLocks', ['s3:GetObjectRetention', 's3:GetObjectLegalHold'], scope),
  bypassGovernance: (scope: NeedScope) => onLogs('BypassGovernance', ['s3:BypassGovernanceRetention'], scope),
  listCopies: (scope: NeedScope) => {
    const { arn, pattern } = targetOf(scope)
    return { ...allow('ListCopies', ['s3:ListBucket'], arn), Condition: { StringLike: { 's3:prefix': pattern } } }
  },
  readCopies: (scope: NeedScope) => onCopies('ReadCopies', ['s3:GetObject'], scope),
  store: (scope: NeedScope) =>
    onCopies('StoreCopies', ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'], scope),
  storeAcl: (scope: NeedScope) => onCopies('SetCopyAcl', ['s3:PutObjectAcl'], scope),
  encryptCopies: ({ targetKeyArn, partition }: NeedScope) => ({
    ...allow('EncryptCopies', ['kms:GenerateDataKey', 'kms:Decrypt'], targetKeyArn ?? '*'),
    Condition: { StringLike: { 'kms:ViaService': viaS3(targetKeyArn?.split(':')[3], partition) } },
  }),
} satisfies Record<string, (scope: NeedScope) => PolicyStatement>

function allow(Sid: string, actions: readonly string[], Resource: OneOrMore): PolicyStatement {
  return { Sid, Effect: 'Allow', Action: oneOrMore(actions), Resource }
}

function listing(sid: string, actions: readonly string[], scope: NeedScope): PolicyStatement {
  return {
    ...allow(sid, actions, bucketArn(scope.partition, scope.bucket)),
    Condition: { StringLike: { 's3:prefix': oneOrMore(scope.patterns) } },
  }
}

function onLogs(sid: string, actions: readonly string[], scope: NeedScope): PolicyStatement {
  const bucket = bucketArn(scope.partition, scope.bucket)
  return allow(sid, actions, oneOrMore(scope.patterns.map((pattern) => `${bucket}/${pattern}`)))
}

function onCopies(sid: string, actions: readonly string[], scope: NeedScope): PolicyStatement {
  const { arn, pattern } = targetOf(scope)
  return allow(sid, actions, `${arn}/${pattern}`)
}

/** If the key is not known, any key may be used, but only through S3. The key's own policy still decides. */
function decrypting({ keyArn, trailArn, region, partition }: NeedScope): PolicyStatement {
  return {
    ...allow('DecryptLogs', ['kms:Decrypt'], keyArn ?? '*'),
    Condition: {
      StringLike: { 'kms:ViaService': viaS3(region, partition) },
      ...(trailArn !== undefined && { StringEquals: { [trailContext]: trailArn } }),
    },
  }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html */
const trailContext = 'kms:EncryptionContext:aws:cloudtrail:arn'

/** Returns S3's name in `kms:ViaService`. Its end differs by partition. */
function viaS3(region: string | undefined, partition: string): string {
  return region === undefined ? 's3.*' : `s3.${region}.${domains[partition] ?? '*'}`
}

const domains: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
}

function targetOf({ partition, target }: NeedScope): { arn: string; pattern: string } {
  if (target === undefined) throw new Error('a need of copies without the place they go to')
  const prefix = escapeWildcards(target.prefix)
  return { arn: bucketArn(partition, target.bucket), pattern: `${prefix}*` }
}

function bucketArn(partition: string, bucket: string): string {
  return `arn:${partition}:s3:::${bucket}`
}
