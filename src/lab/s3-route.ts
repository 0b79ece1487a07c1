import { headerOf, type LabRequest } from './request.ts'

/** The target of an S3 request, by its method, path and query. */
export interface S3Target {
  /** AWS's name of the operation; `Unknown` if the lab does not have it. */
  readonly operation: string
  readonly bucket: string
  readonly key: string
}

/** Parses the target of an S3 request: path style, `/bucket/key`. */
export function s3Target(request: LabRequest): S3Target {
  const slash = request.path.indexOf('/', 1)
  const bucket = slash < 0 ? request.path.slice(1) : request.path.slice(1, slash)
  const key = slash < 0 ? '' : request.path.slice(slash + 1)
  return { operation: operationOf(request, bucket, key), bucket, key }
}

function operationOf(request: LabRequest, bucket: string, key: string): string {
  const { method, query } = request
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : 'Unknown'
  const routes = key === '' ? bucketRoutes : objectRoutes
  const route = routes.find((row) => row.method === method && row.when.every((name) => query.has(name)))
  if (route === undefined) return 'Unknown'
  // An unknown sub-resource is reported, not mistaken for the object itself.
  if (route.when.length === 0 && unknownSubresources.some((name) => query.has(name))) return 'Unknown'
  const copies = headerOf(request, 'x-amz-copy-source') !== undefined
  return (copies ? route.withCopySource : undefined) ?? route.operation
}

interface Route {
  readonly method: string
  /** Names that the query must have; the first row that matches is used. */
  readonly when: readonly string[]
  readonly operation: string
  readonly withCopySource?: string
}

const bucketRoutes: readonly Route[] = [
  { method: 'HEAD', when: [], operation: 'HeadBucket' },
  { method: 'POST', when: ['delete'], operation: 'DeleteObjects' },
  { method: 'PUT', when: ['versioning'], operation: 'PutBucketVersioning' },
  { method: 'GET', when: ['location'], operation: 'GetBucketLocation' },
  { method: 'GET', when: ['versioning'], operation: 'GetBucketVersioning' },
  { method: 'GET', when: ['ownershipControls'], operation: 'GetBucketOwnershipControls' },
  { method: 'GET', when: ['requestPayment'], operation: 'GetBucketRequestPayment' },
  { method: 'GET', when: ['notification'], operation: 'GetBucketNotificationConfiguration' },
  { method: 'GET', when: ['encryption'], operation: 'GetBucketEncryption' },
  { method: 'GET', when: ['lifecycle'], operation: 'GetBucketLifecycleConfiguration' },
  { method: 'GET', when: ['versions'], operation: 'ListObjectVersions' },
  { method: 'GET', when: ['object-lock'], operation: 'GetObjectLockConfiguration' },
  { method: 'GET', when: ['uploads'], operation: 'ListMultipartUploads' },
  { method: 'GET', when: ['list-type'], operation: 'ListObjectsV2' },
]

const objectRoutes: readonly Route[] = [
  { method: 'POST', when: ['uploads'], operation: 'CreateMultipartUpload' },
  { method: 'POST', when: ['uploadId'], operation: 'CompleteMultipartUpload' },
  { method: 'POST', when: ['restore'], operation: 'RestoreObject' },
  { method: 'PUT', when: ['uploadId', 'partNumber'], operation: 'UploadPart', withCopySource: 'UploadPartCopy' },
  { method: 'DELETE', when: ['uploadId'], operation: 'AbortMultipartUpload' },
  { method: 'GET', when: ['retention'], operation: 'GetObjectRetention' },
  { method: 'PUT', when: ['retention'], operation: 'PutObjectRetention' },
  { method: 'GET', when: ['legal-hold'], operation: 'GetObjectLegalHold' },
  { method: 'PUT', when: ['legal-hold'], operation: 'PutObjectLegalHold' },
  { method: 'GET', when: ['tagging'], operation: 'GetObjectTagging' },
  { method: 'GET', when: [], operation: 'GetObject' },
  { method: 'HEAD', when: [], operation: 'HeadObject' },
  { method: 'PUT', when: [], operation: 'PutObject', withCopySource: 'CopyObject' },
  { method: 'DELETE', when: [], operation: 'DeleteObject' },
]

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
