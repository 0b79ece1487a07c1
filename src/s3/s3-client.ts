import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type S3 as EveryCall,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketRequestPaymentCommand,
  GetBucketVersioningCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListBuckets,
  PutObjectCommand,
  RestoreObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'

export type {
  CompletedPart,
  DeletedObject,
  _Error as DeleteError,
  HeadObjectCommandOutput,
  LifecycleRule,
  ListObjectVersionsCommandOutput,
  NotificationConfiguration,
  S3ClientConfig,
} from '@aws-sdk/client-s3'
export { CreateMultipartUploadCommand, HeadBucketCommand, paginateListBuckets, S3Client }

/** The commands by their names in the SDK's own `S3`. That class would load a hundred more. */
const commands = {
  abortMultipartUpload: AbortMultipartUploadCommand,
  completeMultipartUpload: CompleteMultipartUploadCommand,
  deleteObject: DeleteObjectCommand,
  deleteObjects: DeleteObjectsCommand,
  getBucketEncryption: GetBucketEncryptionCommand,
  getBucketLifecycleConfiguration: GetBucketLifecycleConfigurationCommand,
  getBucketNotificationConfiguration: GetBucketNotificationConfigurationCommand,
  getBucketOwnershipControls: GetBucketOwnershipControlsCommand,
  getBucketRequestPayment: GetBucketRequestPaymentCommand,
  getBucketVersioning: GetBucketVersioningCommand,
  getObjectLegalHold: GetObjectLegalHoldCommand,
  getObjectLockConfiguration: GetObjectLockConfigurationCommand,
  getObjectRetention: GetObjectRetentionCommand,
  getObjectTagging: GetObjectTaggingCommand,
  headBucket: HeadBucketCommand,
  headObject: HeadObjectCommand,
  listObjectsV2: ListObjectsV2Command,
  listObjectVersions: ListObjectVersionsCommand,
  putObject: PutObjectCommand,
  restoreObject: RestoreObjectCommand,
  uploadPart: UploadPartCommand,
  uploadPartCopy: UploadPartCopyCommand,
} satisfies Partial<Record<keyof EveryCall, unknown>>

/** The SDK's S3 client with the calls that crosstrail makes. */
export type S3 = S3Client & Pick<EveryCall, keyof typeof commands>

export function createS3(config: S3ClientConfig): S3 {
  const client = new S3Client(config)
  const calls = Object.entries<new (input: never) => unknown>(commands).map(([name, Command]) => [
    name,
    (input: never, options: never) => client.send(new Command(input) as AnyCommand, options),
  ])
  return Object.assign(client, Object.fromEntries(calls) as Pick<EveryCall, keyof typeof commands>)
}

type AnyCommand = Parameters<S3Client['send']>[0]
