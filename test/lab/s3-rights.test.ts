import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  RestoreObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const Bucket = 'locked'
const store = lab.addBucket({ name: Bucket, owner: labAccounts.A, region: 'us-east-1', objectLock: true })
const retention = { mode: 'GOVERNANCE', untilMs: Date.now() + 3_600_000 } as const
const { versionId: VersionId } = store.put('k', 'x', { retention, legalHold: false, storageClass: 'GLACIER' })
store.put('free', 'x')
const one = { Bucket, Key: 'k' }
const part = { ...one, UploadId: 'u', PartNumber: 1 }

type Call = (s3: S3Client) => Promise<unknown>

test.each<[string, Call]>([
  ['s3:AbortMultipartUpload', (s3) => s3.send(new AbortMultipartUploadCommand(part))],
  [
    's3:BypassGovernanceRetention',
    (s3) => s3.send(new DeleteObjectCommand({ ...one, VersionId, BypassGovernanceRetention: true })),
  ],
  ['s3:DeleteObject', (s3) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'free' }))],
  ['s3:DeleteObjectVersion', (s3) => s3.send(new DeleteObjectCommand({ ...one, VersionId }))],
  ['s3:GetBucketObjectLockConfiguration', (s3) => s3.send(new GetObjectLockConfigurationCommand({ Bucket }))],
  ['s3:GetBucketVersioning', (s3) => s3.send(new GetBucketVersioningCommand({ Bucket }))],
  [
    's3:GetObject',
    (s3) => s3.send(new UploadPartCopyCommand({ ...part, UploadId: uploadId(), CopySource: `${Bucket}/k` })),
  ],
  ['s3:GetObjectLegalHold', (s3) => s3.send(new GetObjectLegalHoldCommand(one))],
  ['s3:GetObjectRetention', (s3) => s3.send(new GetObjectRetentionCommand(one))],
  ['s3:GetObjectTagging', (s3) => s3.send(new GetObjectTaggingCommand(one))],
  ['s3:GetObjectVersion', (s3) => s3.send(new GetObjectCommand({ ...one, VersionId }))],
  ['s3:GetObjectVersionTagging', (s3) => s3.send(new GetObjectTaggingCommand({ ...one, VersionId }))],
  ['s3:ListBucketMultipartUploads', (s3) => s3.send(new ListMultipartUploadsCommand({ Bucket }))],
  ['s3:ListBucketVersions', (s3) => s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'k' }))],
  ['s3:PutObject', (s3) => s3.send(new CreateMultipartUploadCommand(one))],
  ['s3:PutObject', (s3) => s3.send(new UploadPartCommand({ ...part, Body: 'x' }))],
  ['s3:PutObject', (s3) => s3.send(new UploadPartCopyCommand({ ...part, CopySource: `${Bucket}/k` }))],
  ['s3:PutObject', (s3) => s3.send(new CompleteMultipartUploadCommand(part))],
  ['s3:RestoreObject', (s3) => s3.send(new RestoreObjectCommand({ ...one, RestoreRequest: { Days: 1 } }))],
])('requires %s', async (action, call) => {
  const all = { Effect: 'Allow', Action: 's3:*', Resource: '*' } as const
  const deny = { Effect: 'Deny', Action: action, Resource: '*' } as const
  const user = lab.iam.addUser({ account: labAccounts.A, name: 'lacks', policies: [{ Statement: [all, deny] }] })
  const { code, message } = await refusal(call(s3As(lab, user)))
  expect([code, message]).toEqual(['AccessDenied', expect.stringContaining(`perform: ${action} on resource`)])
})

test('lists versions only under the prefix that a policy allows', async () => {
  const Condition = { StringLike: { 's3:prefix': 'own/*' } }
  const Statement = { Effect: 'Allow', Action: 's3:ListBucketVersions', Resource: '*', Condition } as const
  const user = lab.iam.addUser({ account: labAccounts.A, name: 'narrow', policies: [{ Statement }] })
  const list = (Prefix: string) => s3As(lab, user).send(new ListObjectVersionsCommand({ Bucket, Prefix }))
  await list('own/')
  expect(await refusal(list('other/'))).toMatchObject({ code: 'AccessDenied' })
})

function uploadId(): string {
  const options = { storageClass: 'STANDARD' }
  const upload = { key: 'k', startedAtMs: 0, options, checksumAlgorithm: undefined, parts: new Map() } as const
  store.uploads.set('known', { ...upload, uploadId: 'known', checksumType: 'FULL_OBJECT' })
  return 'known'
}
