import { createHash } from 'node:crypto'
import type { Bucket } from './bucket.ts'
import { decodeChunked } from './chunked-body.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf, parseQuery, type LabRequest } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { accessDenied, demand, demandDecrypt, demandOn, type S3Call } from './s3-call.ts'
import { etagMatches, invalidObjectState, preconditionFailed } from './s3-read.ts'
import { ServiceError } from './service-error.ts'
import { base64Crc32, isArchived, type PutOptions, type StoredObject } from './stored-object.ts'
import { element, xmlDocument } from './xml.ts'

/** `PutObject`. MD5, CRC32, SHA1 and SHA256 are checked against the body; other checksums are kept as given. */
export function putObject(call: S3Call): Reply {
  const { request, bucket, key } = call
  demand(call, 's3:PutObject')
  checkKey(key)
  checkPutConditions(request, bucket.get(key))
  const { body, trailers } = bodyOf(request)
  const checksums = checksumsOf(request, trailers)
  checkDigests(body, headerOf(request, 'content-md5'), checksums)
  const stored = bucket.put(key, body, { ...optionsOf(request), checksums })
  return emptyReply(200, putHeaders(bucket, stored))
}

/** `CopyObject`, up to 5 GB on AWS; metadata goes with it unless it is replaced. */
export function copyObject(call: S3Call): Reply {
  const { request, bucket, key, world } = call
  const { source, sourceKey, object, versionId } = copySource(call)
  demand(call, 's3:PutObject')
  checkKey(key)
  const ifMatch = headerOf(request, 'x-amz-copy-source-if-match')
  if (ifMatch !== undefined && !etagMatches(ifMatch, object.etag)) {
    throw preconditionFailed('x-amz-copy-source-If-Match')
  }
  checkPutConditions(request, bucket.get(key))
  if (isArchived(object, world.now())) throw invalidObjectState(object)
  demandDecrypt(call, source, object)

  const replaces = headerOf(request, 'x-amz-metadata-directive') === 'REPLACE'
  const given = optionsOf(request)
  if (source === bucket && sourceKey === key && !replaces && given.storageClass === undefined) {
    const message =
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
    throw new ServiceError(400, 'InvalidRequest', message)
  }
  const { contentType, contentEncoding, metadata } = replaces ? { metadata: {}, ...given } : object
  const stored = bucket.put(key, object.body, {
    ...given,
    ...(contentType === undefined ? {} : { contentType }),
    contentEncoding,
    metadata,
    checksums: object.checksums,
  })
  const result =
    element('LastModified', new Date(stored.lastModifiedMs).toISOString()) + element('ETag', `"${stored.etag}"`)
  const sourceVersion = versionId === undefined ? {} : { 'x-amz-copy-source-version-id': versionId }
  const document = xmlDocument(`<CopyObjectResult ${s3Namespace}>${result}</CopyObjectResult>`)
  return xmlReply(document, 200, { ...versionHeader(bucket, stored), ...sourceVersion })
}

function copySource(call: S3Call): { source: Bucket; sourceKey: string; object: StoredObject; versionId?: string } {
  const header = headerOf(call.request, 'x-amz-copy-source') ?? ''
  const mark = header.indexOf('?')
  const path = decodeURIComponent(mark < 0 ? header : header.slice(0, mark)).replace(/^\//, '')
  const versionId = mark < 0 ? undefined : parseQuery(header.slice(mark + 1)).get('versionId')
  const slash = path.indexOf('/')
  const sourceKey = path.slice(slash + 1)
  const source = call.world.buckets.get(path.slice(0, slash))
  if (source === undefined) throw new ServiceError(404, 'NoSuchBucket', 'The specified bucket does not exist')
  const expectedOwner = headerOf(call.request, 'x-amz-source-expected-bucket-owner')
  if (expectedOwner !== undefined && expectedOwner !== source.owner) throw accessDenied()
  demandOn(call, versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', source, sourceKey)
  const object = versionId === undefined ? source.get(sourceKey) : source.version(sourceKey, versionId)
  if (object === undefined || object.isDeleteMarker) {
    throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: sourceKey })
  }
  return versionId === undefined ? { source, sourceKey, object } : { source, sourceKey, object, versionId }
}

function checkKey(key: string): void {
  if (Buffer.byteLength(key) <= 1_024) return
  throw new ServiceError(400, 'KeyTooLongError', 'Your key is too long', { MaxSizeAllowed: '1024' })
}

function checkPutConditions(request: LabRequest, present: StoredObject | undefined): void {
  const ifNoneMatch = headerOf(request, 'if-none-match')
  if (ifNoneMatch !== undefined && present !== undefined && etagMatches(ifNoneMatch, present.etag)) {
    throw preconditionFailed('If-None-Match')
  }
  const ifMatch = headerOf(request, 'if-match')
  if (ifMatch !== undefined && (present === undefined || !etagMatches(ifMatch, present.etag))) {
    throw preconditionFailed('If-Match')
  }
}

function bodyOf(request: LabRequest): { body: Buffer; trailers: ReadonlyMap<string, string> } {
  if (headerOf(request, 'x-amz-content-sha256') === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    return decodeChunked(request.body)
  }
  return { body: request.body, trailers: new Map() }
}

function checksumsOf(request: LabRequest, trailers: ReadonlyMap<string, string>): Record<string, string> {
  const checksums: Record<string, string> = {}
  for (const name of checksumNames) {
    const value = headerOf(request, `x-amz-checksum-${name}`) ?? trailers.get(`x-amz-checksum-${name}`)
    if (value !== undefined) checksums[name] = value
  }
  return checksums
}

const checksumNames = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256']

function checkDigests(body: Buffer, md5: string | undefined, checksums: Readonly<Record<string, string>>): void {
  const digest = (algorithm: string): string => createHash(algorithm).update(body).digest('base64')
  if (md5 !== undefined && md5 !== digest('md5')) {
    throw new ServiceError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
  for (const [name, value] of Object.entries(checksums)) {
    const actual = name === 'crc32' ? base64Crc32(body) : name.startsWith('sha') ? digest(name) : value
    if (value === actual) continue
    const message = `The ${name.toUpperCase()} you specified did not match the calculated checksum.`
    throw new ServiceError(400, 'BadDigest', message)
  }
}

function optionsOf(request: LabRequest): PutOptions {
  const metadata: Record<string, string> = {}
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = headerOf(request, name) ?? ''
  }
  const contentType = headerOf(request, 'content-type')
  const storageClass = headerOf(request, 'x-amz-storage-class')
  const encryption = headerOf(request, 'x-amz-server-side-encryption')
  const kmsKeyArn = headerOf(request, 'x-amz-server-side-encryption-aws-kms-key-id')
  const contentEncoding = headerOf(request, 'content-encoding')
    ?.split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'aws-chunked')
    .join(',')
  return {
    metadata,
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding === undefined || contentEncoding === '' ? {} : { contentEncoding }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(encryption === 'aws:kms' && kmsKeyArn !== undefined ? { kmsKeyArn } : {}),
  }
}

function putHeaders(bucket: Bucket, stored: StoredObject): Record<string, string> {
  const checksums = Object.entries(stored.checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value] as const)
  return { etag: `"${stored.etag}"`, ...versionHeader(bucket, stored), ...Object.fromEntries(checksums) }
}

function versionHeader(bucket: Bucket, stored: StoredObject): Record<string, string> {
  return bucket.versioning === 'Off' ? {} : { 'x-amz-version-id': stored.versionId }
}
