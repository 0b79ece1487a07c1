import { authenticate } from './authenticate.ts'
import type { Bucket } from './bucket.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import { bucketLocation, bucketVersioning, headBucket, listBuckets, putBucketVersioning } from './s3-buckets.ts'
import { accessDenied, type S3Call } from './s3-call.ts'
import { deleteObject, deleteObjects } from './s3-delete.ts'
import { listObjects } from './s3-listing.ts'
import { getObject } from './s3-read.ts'
import { s3Refusal } from './s3-refusal.ts'
import { listObjectVersions } from './s3-versions.ts'
import { copyObject, putObject } from './s3-write.ts'
import { ServiceError } from './service-error.ts'
import { parseAuthorization } from './sigv4.ts'
import type { World } from './world.ts'
import { element, xmlDocument } from './xml.ts'

/** What an S3 request asks for, by its method, path and query. */
export interface S3Target {
  /** AWS's name of the operation; `Unknown` for those the lab does not have. */
  readonly operation: string
  readonly bucket: string
  readonly key: string
}

/** Reads an S3 request's aim: path style, `/bucket/key`. */
export function s3Target(request: LabRequest): S3Target {
  const slash = request.path.indexOf('/', 1)
  const bucket = slash < 0 ? request.path.slice(1) : request.path.slice(1, slash)
  const key = slash < 0 ? '' : request.path.slice(slash + 1)
  return { operation: operationOf(request, bucket, key), bucket, key }
}

/** Answers an S3 request; what goes wrong becomes S3's error document. `who` hears the caller, once it is believed. */
export async function answerS3(
  world: World,
  request: LabRequest,
  target: S3Target,
  who: (arn: string) => void,
): Promise<Reply> {
  const bucket = world.buckets.get(target.bucket)
  const regionHeader = bucket === undefined || target.key !== '' ? {} : { 'x-amz-bucket-region': bucket.region }
  try {
    const reply = await answer(world, request, target, bucket, who)
    return { ...reply, headers: { ...regionHeader, ...reply.headers } }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const redirect = error.details['Region'] === undefined ? {} : { 'x-amz-bucket-region': error.details['Region'] }
    return s3ErrorReply(error, request, { ...regionHeader, ...redirect })
  }
}

/** S3's error document, or just the status for HEAD. */
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
  PutBucketVersioning: putBucketVersioning,
  ListObjectsV2: listObjects,
  ListObjectVersions: listObjectVersions,
  GetObject: getObject,
  HeadObject: getObject,
  PutObject: putObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
}

async function answer(
  world: World,
  request: LabRequest,
  target: S3Target,
  bucket: Bucket | undefined,
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
  if (bucket.requesterPays && headerOf(request, 'x-amz-request-payer') !== 'requester') throw accessDenied()
  const operation = operations[target.operation]
  if (operation === undefined) {
    const message = 'A header you provided implies functionality that is not implemented'
    throw new ServiceError(501, 'NotImplemented', message)
  }
  return operation({ world, request, caller, bucket, key: target.key })
}

function operationOf(request: LabRequest, bucket: string, key: string): string {
  const { method, query } = request
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : 'Unknown'
  if (key === '') return bucketOperation(method, query)
  if (unknownSubresources.some((name) => query.has(name))) return 'Unknown'
  if (method === 'GET') return 'GetObject'
  if (method === 'HEAD') return 'HeadObject'
  if (method === 'PUT') return headerOf(request, 'x-amz-copy-source') === undefined ? 'PutObject' : 'CopyObject'
  return method === 'DELETE' ? 'DeleteObject' : 'Unknown'
}

const unknownSubresources = [
  'uploads',
  'uploadId',
  'acl',
  'tagging',
  'retention',
  'legal-hold',
  'attributes',
  'restore',
]

function bucketOperation(method: string, query: ReadonlyMap<string, string>): string {
  if (method === 'HEAD') return 'HeadBucket'
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects'
  if (method === 'PUT' && query.has('versioning')) return 'PutBucketVersioning'
  if (method !== 'GET') return 'Unknown'
  if (query.has('location')) return 'GetBucketLocation'
  if (query.has('versioning')) return 'GetBucketVersioning'
  if (query.has('versions')) return 'ListObjectVersions'
  return query.get('list-type') === '2' ? 'ListObjectsV2' : 'Unknown'
}

// The endpoint of us-east-1 answers for the global one, which passes a request on and finds its signature to be for another region;
// every other endpoint redirects.
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
