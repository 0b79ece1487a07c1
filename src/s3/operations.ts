import type { ErrorCode } from '../error.ts'

/** The calls that crosstrail makes, with the right that each needs and the code of its refusal. */
export const operations = {
  HeadBucket: { action: 's3:ListBucket', denied: 'access.list-denied' },
  GetBucketOwnershipControls: { action: 's3:GetBucketOwnershipControls', denied: 'access.settings-denied' },
  GetBucketRequestPayment: { action: 's3:GetBucketRequestPayment', denied: 'access.settings-denied' },
  GetBucketNotificationConfiguration: { action: 's3:GetBucketNotification', denied: 'access.settings-denied' },
  GetBucketEncryption: { action: 's3:GetEncryptionConfiguration', denied: 'access.settings-denied' },
  GetBucketLifecycleConfiguration: { action: 's3:GetLifecycleConfiguration', denied: 'access.settings-denied' },
  ListObjectsV2: { action: 's3:ListBucket', denied: 'access.list-denied' },
  ListObjectVersions: { action: 's3:ListBucketVersions', denied: 'access.list-denied' },
  GetObject: { action: 's3:GetObject', denied: 'access.object-denied' },
  HeadObject: { action: 's3:GetObject', denied: 'access.object-denied' },
  GetObjectTagging: { action: 's3:GetObjectTagging', denied: 'access.tagging-denied' },
  CopyObject: { action: 's3:GetObject at the source and s3:PutObject', denied: 'access.copy-denied' },
  UploadPartCopy: { action: 's3:GetObject at the source and s3:PutObject', denied: 'access.copy-denied' },
  PutObject: { action: 's3:PutObject', denied: 'access.put-denied' },
  CreateMultipartUpload: { action: 's3:PutObject', denied: 'access.put-denied' },
  UploadPart: { action: 's3:PutObject', denied: 'access.put-denied' },
  CompleteMultipartUpload: { action: 's3:PutObject', denied: 'access.put-denied' },
  AbortMultipartUpload: { action: 's3:AbortMultipartUpload', denied: 'access.put-denied' },
  DeleteObject: { action: 's3:DeleteObject', denied: 'access.delete-denied' },
  DeleteObjects: { action: 's3:DeleteObject or s3:DeleteObjectVersion', denied: 'access.delete-denied' },
  RestoreObject: { action: 's3:RestoreObject', denied: 'access.restore-denied' },
  GetBucketVersioning: { action: 's3:GetBucketVersioning', denied: 'access.protection-denied' },
  GetObjectLockConfiguration: {
    action: 's3:GetBucketObjectLockConfiguration',
    denied: 'access.protection-denied',
  },
  GetObjectRetention: { action: 's3:GetObjectRetention', denied: 'access.lock-denied' },
  GetObjectLegalHold: { action: 's3:GetObjectLegalHold', denied: 'access.lock-denied' },
} as const satisfies Record<string, { action: string; denied: ErrorCode }>

export type Operation = keyof typeof operations

const bucketCalls = new Set<Operation>([
  'HeadBucket',
  'GetBucketOwnershipControls',
  'GetBucketRequestPayment',
  'GetBucketNotificationConfiguration',
  'GetBucketEncryption',
  'GetBucketLifecycleConfiguration',
  'ListObjectsV2',
  'ListObjectVersions',
  'DeleteObjects',
  'GetBucketVersioning',
  'GetObjectLockConfiguration',
])

/** Returns whether the call concerns the bucket and not one object. Its 404 then does not mean a missing object. */
export function isBucketCall(operation: Operation): boolean {
  return bucketCalls.has(operation)
}
