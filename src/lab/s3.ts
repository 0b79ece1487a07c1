import { authenticate } from './authenticate.ts'
import type { Bucket } from './stored-bucket.ts'
import type { Fault } from './faults.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import {
  bucketEncryption,
  bucketLifecycle,
  bucketLocation,
  bucketOwnership,
  bucketRequestPayment,
  bucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './s3-buckets.ts'
import { accessDenied, type S3Call } from './s3-call.ts'
import { copyObject } from './s3-copy.ts'
import { deleteObject, deleteObjects } from './s3-delete.ts'
import { bucketNotification } from './s3-notification.ts'
import { listObjects } from './s3-listing.ts'
import {
  getObjectLegalHold,
  getObjectLockConfiguration,
  getObjectRetention,
  putObjectLegalHold,
  putObjectRetention,
} from './s3-lock.ts'
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
} from './s3-multipart.ts'
import { uploadPart, uploadPartCopy } from './s3-part.ts'
import { getObject } from './s3-read.ts'
import { s3Refusal } from './s3-refusal.ts'
import { restoreObject } from './s3-restore.ts'
import type { S3Target } from './s3-route.ts'
import { getObjectTagging } from './s3-tagging.ts'
import { listObjectVersions } from './s3-versions.ts'
import { putObject } from './s3-write.ts'
import { ServiceError } from './error-answer.ts'
import { parseAuthorization } from './check-signature.ts'
import type { World } from './world.ts'
import { element, xmlDocument } from './write-xml.ts'

/** Answers an S3 request, also with S3's error document. `fault` is for operations that fail in part; `who` gets the authenticated caller. */
export async function answerS3(
  world: World,
  request: LabRequest,
  target: S3Target,
  fault: Fault | undefined,
  who: (arn: string) => void,
): Promise<Reply> {
  const bucket = world.buckets.get(target.bucket)
  const regionHeader = bucket === undefined || target.key !== '' ? {} : { 'x-amz-bucket-region': bucket.region }
  try {
    const reply = await answer(world, request, target, bucket, fault, who)
    return { ...reply, headers: { ...regionHeader, ...reply.headers } }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const redirect = error.details['Region'] === undefined ? {} : { 'x-amz-bucket-region': error.details['Region'] }
    return s3ErrorReply(error, request, { ...regionHeader, ...redirect })
  }
}

/** Returns S3's error document, or only the status for HEAD. */
export function s3ErrorReply(
  error: ServiceError,
  request: Pick<LabRequest, 'id' | 'method'>,
  headers: Record<string, string> = {},
): Reply {
  if (request.method === 'HEAD' || error.status === 304) return emptyReply(error.status, headers)
  return xmlReply(s3ErrorDocument(error, request), error.status, headers)
}

export function s3ErrorDocument(error: ServiceError, request: Pick<LabRequest, 'id'>): Buffer {
  const details = Object.entries(error.details).map(([name, value]) => element(name, value))
  const ids = element('RequestId', request.id) + element('HostId', hostId)
  const words = element('Code', error.code) + element('Message', error.message)
  return xmlDocument(`<Error>${words}${details.join('')}${ids}</Error>`)
}

export const hostId = 'bGFiIG9uIGxvb3BiYWNrOiBubyBBV1MgZW5kcG9pbnQ='

type Operation = (call: S3Call) => Reply

const operations: Record<string, Operation> = {
  HeadBucket: headBucket,
  GetBucketLocation: bucketLocation,
  GetBucketVersioning: bucketVersioning,
  GetBucketOwnershipControls: bucketOwnership,
  GetBucketRequestPayment: bucketRequestPayment,
  GetBucketNotificationConfiguration: bucketNotification,
  GetBucketEncryption: bucketEncryption,
  GetBucketLifecycleConfiguration: bucketLifecycle,
  PutBucketVersioning: putBucketVersioning,
  ListObjectsV2: listObjects,
  ListObjectVersions: listObjectVersions,
  GetObject: getObject,
  HeadObject: getObject,
  PutObject: putObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListMultipartUploads: listMultipartUploads,
  GetObjectLockConfiguration: getObjectLockConfiguration,
  GetObjectRetention: getObjectRetention,
  PutObjectRetention: putObjectRetention,
  GetObjectLegalHold: getObjectLegalHold,
  PutObjectLegalHold: putObjectLegalHold,
  GetObjectTagging: getObjectTagging,
  RestoreObject: restoreObject,
}

async function answer(
  world: World,
  request: LabRequest,
  target: S3Target,
  bucket: Bucket | undefined,
  fault: Fault | undefined,
  who: (arn: string) => void,
): Promise<Reply> {
  if (bucket !== undefined) checkRegion(request, bucket)
  const caller = await authenticate(request, 's3', { ...world, nowMs: world.now() })
  if ('why' in caller) throw s3Refusal(caller, request)
  who(caller.arn)
  if (target.operation === 'ListBuckets') return listBuckets(world, caller)
  if (bucket === undefined) {
    throw new ServiceError(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: target.bucket })
  }
  const expectedOwner = headerOf(request, 'x-amz-expected-bucket-owner')
  if (expectedOwner !== undefined && expectedOwner !== bucket.owner) throw accessDenied()
  if (bucket.requesterPays && isCharged(target.operation) && headerOf(request, 'x-amz-request-payer') !== 'requester') {
    throw accessDenied()
  }
  const operation = operations[target.operation]
  if (operation === undefined) {
    const message = 'A header you provided implies functionality that is not implemented'
    throw new ServiceError(501, 'NotImplemented', message)
  }
  return operation({ world, request, caller, bucket, key: target.key, fault })
}

/** S3 does not charge for requests about a bucket's settings. */
function isCharged(operation: string): boolean {
  return ![
    'GetBucketLocation',
    'GetBucketVersioning',
    'GetBucketOwnershipControls',
    'GetBucketRequestPayment',
    'GetBucketNotificationConfiguration',
    'GetBucketEncryption',
    'GetBucketLifecycleConfiguration',
    'GetObjectLockConfiguration',
  ].includes(operation)
}

// The endpoint of us-east-1 forwards requests as the global one, and then finds the signature to be for another region; every other
// endpoint redirects.
function checkRegion(request: LabRequest, bucket: Bucket): void {
  const signedFor = parseAuthorization(headerOf(request, 'authorization') ?? '')?.region
  if (signedFor === undefined || signedFor === bucket.region) return
  if (signedFor === 'us-east-1') {
    const message = `The authorization header is malformed; the region '${signedFor}' is wrong; expecting '${bucket.region}'`
    throw new ServiceError(400, 'AuthorizationHeaderMalformed', message, { Region: bucket.region })
  }
  const message =
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.'
  throw new ServiceError(301, 'PermanentRedirect', message, {
    Endpoint: `s3.${bucket.region}.amazonaws.com`,
    Bucket: bucket.name,
    Region: bucket.region,
  })
}
