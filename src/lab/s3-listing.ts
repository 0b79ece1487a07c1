import type { Bucket } from './stored-bucket.ts'
import { keyPage, type KeyPage } from './key-page.ts'
import { xmlReply, type Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { ServiceError } from './error-answer.ts'
import { isRestored, type StoredObject } from './stored-object.ts'
import { element, escapeXml, xmlDocument } from './write-xml.ts'

/** `ListObjectsV2`. */
export function listObjects(call: S3Call): Reply {
  const { request, bucket, world } = call
  const { query } = request
  demandListing(call, 's3:ListBucket')
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const page = keyPage(
    bucket.keysWithVersions(),
    {
      prefix: query.get('prefix') ?? '',
      delimiter: query.get('delimiter') ?? '',
      after: token === undefined ? (startAfter ?? '') : readToken(token),
      maxKeys: maxKeysOf(request),
    },
    (key) => bucket.get(key) !== undefined,
  )
  const showsRestore = headerOf(request, 'x-amz-optional-object-attributes')?.includes('RestoreStatus') === true
  const nowMs = world.now()
  const contents = page.keys.map((key) => {
    const object = bucket.get(key)
    return object === undefined ? '' : contentsOf(request, key, object, showsRestore ? nowMs : undefined)
  })
  const root = [
    header(request, bucket, page),
    element('KeyCount', page.keys.length + page.commonPrefixes.length),
    element('ContinuationToken', token),
    page.isTruncated ? element('NextContinuationToken', writeToken(page.last)) : '',
    element('StartAfter', startAfter === undefined ? undefined : encodeKey(request, startAfter)),
    ...contents,
    ...page.commonPrefixes.map((prefix) => commonPrefixElement(request, prefix)),
  ]
  return xmlReply(xmlDocument(`<ListBucketResult ${s3Namespace}>${root.join('')}</ListBucketResult>`))
}

/** Checks a listing action, with the facts that policies may limit. */
export function demandListing(call: S3Call, action: string): void {
  const { query } = call.request
  demand(call, action, {
    's3:prefix': query.get('prefix'),
    's3:delimiter': query.get('delimiter'),
    's3:max-keys': query.get('max-keys'),
  })
}

/** Returns the first elements of both kinds of listings. */
export function header(request: LabRequest, bucket: Bucket, page: Pick<KeyPage, 'isTruncated'>): string {
  const { query } = request
  const delimiter = query.get('delimiter')
  return [
    element('Name', bucket.name),
    element('Prefix', encodeKey(request, query.get('prefix') ?? '')),
    element('Delimiter', delimiter === undefined ? undefined : encodeKey(request, delimiter)),
    element('MaxKeys', maxKeysOf(request)),
    element('EncodingType', query.get('encoding-type')),
    element('IsTruncated', page.isTruncated),
  ].join('')
}

export function commonPrefixElement(request: LabRequest, prefix: string): string {
  return `<CommonPrefixes>${element('Prefix', encodeKey(request, prefix))}</CommonPrefixes>`
}

/** At most 1,000, whatever the request says. @throws {ServiceError} `InvalidArgument` */
export function maxKeysOf({ query }: LabRequest): number {
  const text = query.get('max-keys') ?? '1000'
  if (!/^\d{1,10}$/.test(text)) {
    const message = 'Provided max-keys not an integer or within integer range'
    throw new ServiceError(400, 'InvalidArgument', message, { ArgumentName: 'max-keys', ArgumentValue: text })
  }
  return Math.min(1_000, Number(text))
}

/** Returns a key as S3 encodes it with `encoding-type=url`: like a form, but with slashes unchanged. */
export function encodeKey({ query }: LabRequest, key: string): string {
  if (query.get('encoding-type') !== 'url') return key
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function contentsOf(request: LabRequest, key: string, object: StoredObject, restoreAtMs: number | undefined): string {
  const restore = restoreAtMs === undefined ? '' : restoreStatus(object, restoreAtMs)
  return `<Contents><Key>${escapeXml(encodeKey(request, key))}</Key>${factsOf(object)}${restore}</Contents>`
}

// Objects never change, so this is cached: it is most of the cost of a page.
const factsByObject = new WeakMap<StoredObject, string>()

function factsOf(object: StoredObject): string {
  const known = factsByObject.get(object)
  if (known !== undefined) return known
  const facts = [
    element('LastModified', new Date(object.lastModifiedMs).toISOString()),
    element('ETag', `"${object.etag}"`),
    ...Object.keys(object.checksums).map((name) => element('ChecksumAlgorithm', name.toUpperCase())),
    Object.keys(object.checksums).length === 0 ? '' : element('ChecksumType', object.checksumType ?? 'FULL_OBJECT'),
    element('Size', object.body.length),
    element('StorageClass', object.storageClass),
  ].join('')
  factsByObject.set(object, facts)
  return facts
}

function restoreStatus(object: StoredObject, nowMs: number): string {
  const { restore } = object
  if (restore === undefined || (!restore.ongoing && !isRestored(object, nowMs))) return ''
  const expires = restore.expiresAtMs === undefined ? undefined : new Date(restore.expiresAtMs).toISOString()
  const inside = element('IsRestoreInProgress', restore.ongoing) + element('RestoreExpiryDate', expires)
  return `<RestoreStatus>${inside}</RestoreStatus>`
}

function writeToken(last: string): string {
  return Buffer.from(`${tokenMark}${last}`).toString('base64')
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString()
  if (text.startsWith(tokenMark)) return text.slice(tokenMark.length)
  const message = 'The continuation token provided is incorrect'
  throw new ServiceError(400, 'InvalidArgument', message, { ArgumentName: 'continuation-token' })
}

const tokenMark = 'lab page after '
