import { compareKeys } from '../trail/key-order.ts'
import { checksumNames } from './checksums.ts'
import { joinParts, newUploadId, type MultipartUpload } from './multipart-upload.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { demandDecrypt } from './s3-kms.ts'
import { namedParts } from './s3-named-parts.ts'
import { demandPut } from './s3-put-options.ts'
import { checksumElements, encryptionHeaders, writtenHeaders } from './s3-headers.ts'
import { checkKey, checkPutConditions } from './s3-write.ts'
import { ServiceError } from './error-answer.ts'
import { storedObject } from './stored-object.ts'
import { element, xmlDocument } from './write-xml.ts'

/** `CreateMultipartUpload`: metadata, storage class, encryption, tags, ACL and lock are given only here. */
export function createMultipartUpload(call: S3Call): Reply {
  const { bucket, key, world } = call
  const options = demandPut(call)
  checkKey(key)
  // S3 reads the parts again to join them.
  demandDecrypt(call, bucket, storedObject(Buffer.alloc(0), '', world.now(), options))
  const { checksumAlgorithm, checksumType } = checksumOf(call)
  const uploadId = newUploadId()
  const startedAtMs = world.now()
  bucket.uploads.set(uploadId, {
    uploadId,
    key,
    startedAtMs,
    options,
    checksumAlgorithm,
    checksumType,
    parts: new Map(),
  })
  const result = element('Bucket', bucket.name) + element('Key', key) + element('UploadId', uploadId)
  const checksum: Record<string, string> =
    checksumAlgorithm === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': checksumAlgorithm.toUpperCase(), 'x-amz-checksum-type': checksumType }
  const document = xmlDocument(
    `<InitiateMultipartUploadResult ${s3Namespace}>${result}</InitiateMultipartUploadResult>`,
  )
  return xmlReply(document, 200, { ...encryptionHeaders(options), ...checksum })
}

/** `CompleteMultipartUpload`: the named parts become one object with the ETag `md5ofmd5s-N`. */
export function completeMultipartUpload(call: S3Call): Reply {
  const { request, bucket, key, world } = call
  demand(call, 's3:PutObject')
  const upload = uploadOf(call)
  const parts = namedParts(upload, request.body.toString(), world.sizes.minPartBytes)
  checkPutConditions(call)
  const givenChecksum = headerOf(request, `x-amz-checksum-${upload.checksumAlgorithm}`)
  const { body, options } = joinParts(upload, parts, givenChecksum)
  const stored = bucket.put(key, body, options)
  bucket.uploads.delete(upload.uploadId)
  const result = [
    element('Location', `http://s3.${bucket.region}.amazonaws.com/${bucket.name}/${key}`),
    element('Bucket', bucket.name),
    element('Key', key),
    element('ETag', `"${stored.etag}"`),
    checksumElements(stored.checksums),
    Object.keys(stored.checksums).length === 0 ? '' : element('ChecksumType', stored.checksumType),
  ]
  const document = xmlDocument(
    `<CompleteMultipartUploadResult ${s3Namespace}>${result.join('')}</CompleteMultipartUploadResult>`,
  )
  return xmlReply(document, 200, writtenHeaders(bucket, stored))
}

export function abortMultipartUpload(call: S3Call): Reply {
  demand(call, 's3:AbortMultipartUpload')
  call.bucket.uploads.delete(uploadOf(call).uploadId)
  return emptyReply(204)
}

/** `ListMultipartUploads`: at most 1,000, by key and time; the lab has no second page. */
export function listMultipartUploads(call: S3Call): Reply {
  const { request, bucket } = call
  const prefix = request.query.get('prefix') ?? ''
  demand(call, 's3:ListBucketMultipartUploads', { 's3:prefix': request.query.get('prefix') })
  const uploads = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .toSorted((left, right) => compareKeys(left.key, right.key) || left.startedAtMs - right.startedAtMs)
  const shown = uploads.slice(0, 1_000).map((upload) => {
    const inside = [
      element('Key', upload.key),
      element('UploadId', upload.uploadId),
      element('StorageClass', upload.options.storageClass),
      element('Initiated', new Date(upload.startedAtMs).toISOString()),
    ]
    return `<Upload>${inside.join('')}</Upload>`
  })
  const head = element('Bucket', bucket.name) + element('Prefix', prefix) + element('MaxUploads', 1_000)
  const root = `${head}${element('IsTruncated', uploads.length > shown.length)}${shown.join('')}`
  return xmlReply(xmlDocument(`<ListMultipartUploadsResult ${s3Namespace}>${root}</ListMultipartUploadsResult>`))
}

/** Returns the upload that a request names. @throws {ServiceError} `NoSuchUpload`, also if it was completed or aborted */
export function uploadOf({ request, bucket, key }: S3Call): MultipartUpload {
  const uploadId = request.query.get('uploadId') ?? ''
  const upload = bucket.uploads.get(uploadId)
  if (upload !== undefined && upload.key === key) return upload
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.'
  throw new ServiceError(404, 'NoSuchUpload', message, { UploadId: uploadId })
}

function checksumOf({ request }: S3Call): Pick<MultipartUpload, 'checksumAlgorithm' | 'checksumType'> {
  const checksumAlgorithm = headerOf(request, 'x-amz-checksum-algorithm')?.toLowerCase()
  const given = headerOf(request, 'x-amz-checksum-type')
  if (checksumAlgorithm === undefined) return { checksumAlgorithm, checksumType: 'FULL_OBJECT' }
  if (!checksumNames.includes(checksumAlgorithm)) {
    const message =
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]'
    throw new ServiceError(400, 'InvalidRequest', message)
  }
  const isSha = checksumAlgorithm.startsWith('sha')
  const checksumType = given ?? (checksumAlgorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE')
  const fits =
    checksumType === 'FULL_OBJECT' ? !isSha : checksumType === 'COMPOSITE' && checksumAlgorithm !== 'crc64nvme'
  if (fits) return { checksumAlgorithm, checksumType: checksumType === 'COMPOSITE' ? 'COMPOSITE' : 'FULL_OBJECT' }
  const message = `The ${checksumType} checksum type cannot be used with the ${checksumAlgorithm} checksum algorithm.`
  throw new ServiceError(400, 'InvalidRequest', message)
}
