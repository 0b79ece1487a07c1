import { digestedBody } from './checksums.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { demandUnlocked } from './s3-lock.ts'
import { demandMfa } from './s3-mfa.ts'
import { etagMatches, missingKey, preconditionFailed } from './s3-read.ts'
import { malformedXml } from './s3-refusal.ts'
import { ServiceError } from './error-answer.ts'
import { element, insidesOf, textOf, xmlDocument } from './write-xml.ts'

/** `DeleteObject`: 204 also for a missing key. A versioned bucket gets a delete marker; a given version is deleted permanently. */
export function deleteObject(call: S3Call): Reply {
  const deletion = {
    key: call.key,
    versionId: call.request.query.get('versionId'),
    etag: headerOf(call.request, 'if-match'),
  }
  if (deletion.versionId !== undefined) demandMfa(call)
  const { versionId, isMarker } = deleteOne(call, deletion)
  const marker = isMarker ? { 'x-amz-delete-marker': 'true' } : {}
  return emptyReply(204, { ...marker, ...(versionId === undefined ? {} : { 'x-amz-version-id': versionId }) })
}

/** `DeleteObjects`: up to 1,000 keys; a key's error is reported inside the 200. */
export function deleteObjects(call: S3Call): Reply {
  const xml = digestedBody(call.request).toString()
  const deletions = insidesOf(xml, 'Object').map((object): Deletion => ({
    key: textOf(object, 'Key') ?? '',
    versionId: textOf(object, 'VersionId'),
    etag: textOf(object, 'ETag'),
  }))
  if (deletions.length === 0 || deletions.length > 1_000) throw malformedXml()
  if (deletions.some(({ versionId }) => versionId !== undefined)) demandMfa(call)
  const isQuiet = textOf(xml, 'Quiet') === 'true'
  const results = deletions.map((deletion, index) => resultUnderFault(call, deletion, isQuiet, index))
  return xmlReply(xmlDocument(`<DeleteResult ${s3Namespace}>${results.join('')}</DeleteResult>`))
}

interface Deletion {
  readonly key: string
  readonly versionId: string | undefined
  /** Deletes only the object that has this ETag. */
  readonly etag: string | undefined
}

interface Deleted {
  /** The version that was deleted, or the marker that was made. */
  readonly versionId: string | undefined
  readonly isMarker: boolean
}

function deleteOne(whole: S3Call, deletion: Deletion): Deleted {
  const { key, versionId, etag } = deletion
  const call = { ...whole, key }
  const { bucket } = call
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  demand(call, action, { 's3:versionid': versionId, 's3:if-match': etag })
  if (etag !== undefined) checkEtag(call, etag)
  if (versionId === undefined) {
    const marker = bucket.delete(key)
    return { versionId: marker?.versionId, isMarker: marker !== undefined }
  }
  demandUnlocked(call, bucket.version(key, versionId))
  const deleted = bucket.deleteVersion(key, versionId)
  return { versionId, isMarker: deleted?.isDeleteMarker === true }
}

// S3 checks the condition against the current version, whichever version is deleted, and requires the right to read it.
function checkEtag(call: S3Call, etag: string): void {
  if (etag !== '*') demand(call, 's3:GetObject')
  const present = call.bucket.get(call.key)
  if (present === undefined) throw etag === '*' ? preconditionFailed('If-Match') : missingKey(call)
  if (!etagMatches(etag, present.etag)) throw preconditionFailed('If-Match')
}

// With `unansweredKeys`, of four keys one is deleted but not named, and one neither. With `keyErrorInside200` two fail.
function resultUnderFault(call: S3Call, deletion: Deletion, isQuiet: boolean, index: number): string {
  const { fault } = call
  const place = index % 4
  if (fault === 'unansweredKeys' && place === 2) return ''
  if (fault === 'keyErrorInside200' && place === 0) {
    return errorEntry(deletion, 'InternalError', 'We encountered an internal error. Please try again.')
  }
  if (fault === 'keyErrorInside200' && place === 2) {
    return errorEntry(deletion, 'SlowDown', 'Please reduce your request rate.')
  }
  const result = resultOf(call, deletion, isQuiet)
  return fault === 'unansweredKeys' && place === 0 ? '' : result
}

function resultOf(call: S3Call, deletion: Deletion, isQuiet: boolean): string {
  try {
    const { versionId, isMarker } = deleteOne(call, deletion)
    if (isQuiet) return ''
    const marker = isMarker ? element('DeleteMarker', true) + element('DeleteMarkerVersionId', versionId) : ''
    return `<Deleted>${nameOf(deletion)}${marker}</Deleted>`
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return errorEntry(deletion, error.code, error.message)
  }
}

function errorEntry(deletion: Deletion, code: string, message: string): string {
  return `<Error>${nameOf(deletion)}${element('Code', code)}${element('Message', message)}</Error>`
}

function nameOf({ key, versionId }: Deletion): string {
  return element('Key', key) + element('VersionId', versionId)
}
