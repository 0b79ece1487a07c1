import { createHash } from 'node:crypto'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { etagMatches, preconditionFailed } from './s3-read.ts'
import { ServiceError } from './service-error.ts'
import { element, insidesOf, textOf, xmlDocument } from './xml.ts'

/** `DeleteObject`: 204 also for a key that is not there; a marker on a versioned bucket, for good with a version. */
export function deleteObject(call: S3Call): Reply {
  const deletion = {
    key: call.key,
    versionId: call.request.query.get('versionId'),
    etag: headerOf(call.request, 'if-match'),
  }
  const { versionId, isMarker } = deleteOne(call, deletion)
  const marker = isMarker ? { 'x-amz-delete-marker': 'true' } : {}
  return emptyReply(204, { ...marker, ...(versionId === undefined ? {} : { 'x-amz-version-id': versionId }) })
}

/** `DeleteObjects`: up to 1,000 keys; what fails for one key is said inside the 200. */
export function deleteObjects(call: S3Call): Reply {
  const { body } = call.request
  checkBody(call)
  const xml = body.toString()
  const deletions = insidesOf(xml, 'Object').map((object): Deletion => ({
    key: textOf(object, 'Key') ?? '',
    versionId: textOf(object, 'VersionId'),
    etag: textOf(object, 'ETag'),
  }))
  if (deletions.length === 0 || deletions.length > 1_000) {
    const message = 'The XML you provided was not well-formed or did not validate against our published schema'
    throw new ServiceError(400, 'MalformedXML', message)
  }
  const isQuiet = textOf(xml, 'Quiet') === 'true'
  const results = deletions.map((deletion) => resultOf(call, deletion, isQuiet))
  return xmlReply(xmlDocument(`<DeleteResult ${s3Namespace}>${results.join('')}</DeleteResult>`))
}

interface Deletion {
  readonly key: string
  readonly versionId: string | undefined
  /** Deletes only the object that has it. */
  readonly etag: string | undefined
}

interface Deleted {
  /** The version that went, or the marker that came. */
  readonly versionId: string | undefined
  readonly isMarker: boolean
}

function deleteOne(call: S3Call, { key, versionId, etag }: Deletion): Deleted {
  const { bucket } = call
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  demand({ ...call, key }, action, { 's3:versionid': versionId })
  if (etag !== undefined) {
    const present = versionId === undefined ? bucket.get(key) : bucket.version(key, versionId)
    if (present === undefined)
      throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key })
    if (!etagMatches(etag, present.etag)) throw preconditionFailed('If-Match')
  }
  if (versionId === undefined) {
    const marker = bucket.delete(key)
    return { versionId: marker?.versionId, isMarker: marker !== undefined }
  }
  const deleted = bucket.deleteVersion(key, versionId)
  return { versionId, isMarker: deleted?.isDeleteMarker === true }
}

function resultOf(call: S3Call, deletion: Deletion, isQuiet: boolean): string {
  const named = element('Key', deletion.key) + element('VersionId', deletion.versionId)
  try {
    const { versionId, isMarker } = deleteOne(call, deletion)
    if (isQuiet) return ''
    const marker = isMarker ? element('DeleteMarker', true) + element('DeleteMarkerVersionId', versionId) : ''
    return `<Deleted>${named}${marker}</Deleted>`
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return `<Error>${named}${element('Code', error.code)}${element('Message', error.message)}</Error>`
  }
}

function checkBody({ request }: S3Call): void {
  const md5 = headerOf(request, 'content-md5')
  const hasChecksum = Object.keys(request.headers).some((name) => name.startsWith('x-amz-checksum-'))
  if (md5 === undefined && !hasChecksum) {
    throw new ServiceError(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5')
  }
  if (md5 !== undefined && md5 !== createHash('md5').update(request.body).digest('base64')) {
    throw new ServiceError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
}
