import { checksumNames, computeChecksum } from './checksums.ts'
import { xmlReply, type Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, demandOn, type S3Call } from './s3-call.ts'
import { checkCopySize, demandCopySource, type CopySource } from './s3-copy-source.ts'
import { demandPut } from './s3-put-options.ts'
import { checksumElements, writtenHeaders } from './s3-headers.ts'
import { checkKey, checkPutConditions } from './s3-write.ts'
import { ServiceError } from './error-answer.ts'
import type { PutOptions, StoredObject } from './stored-object.ts'
import { element, xmlDocument } from './write-xml.ts'

/**
 * `CopyObject`. The copy keeps the metadata, the tags and the checksum's algorithm unless they are replaced, but not the storage class and
 * encryption. The copy is one part, so its ETag is an MD5.
 */
export function copyObject(call: S3Call): Reply {
  const { request, bucket, key } = call
  const source = demandCopySource(call)
  const { object } = source
  const given = demandPut(call)
  const tags = copiedTags(call, source)
  checkKey(key)
  checkPutConditions(call)
  checkCopySize(call, object.body.length)
  const replaces = directive(request, 'x-amz-metadata-directive') === 'REPLACE'
  if (source.bucket === bucket && source.key === key && !replaces) checkChange(call, source)
  const { contentType, contentEncoding, metadata } = replaces ? { metadata: {}, ...given } : object
  const stored = bucket.put(key, object.body, {
    ...given,
    ...(contentType === undefined ? {} : { contentType }),
    contentEncoding,
    metadata,
    ...(tags === undefined ? {} : { tags }),
    checksums: copiedChecksums(request, object),
  })
  const result = [
    element('LastModified', new Date(stored.lastModifiedMs).toISOString()),
    element('ETag', `"${stored.etag}"`),
    checksumElements(stored.checksums),
  ]
  const document = xmlDocument(`<CopyObjectResult ${s3Namespace}>${result.join('')}</CopyObjectResult>`)
  return xmlReply(document, 200, { ...writtenHeaders(bucket, stored), ...source.headers })
}

// S3 requires the rights to read and write tags for a copy of an object that has tags.
function copiedTags(call: S3Call, source: CopySource): PutOptions['tags'] {
  const { tags } = source.object
  if (directive(call.request, 'x-amz-tagging-directive') === 'REPLACE') return undefined
  if (tags === undefined || Object.keys(tags).length === 0) return undefined
  const action = source.namesVersion ? 's3:GetObjectVersionTagging' : 's3:GetObjectTagging'
  demandOn(call, action, source.bucket, source.key)
  demand(call, 's3:PutObjectTagging')
  return tags
}

function directive(request: LabRequest, name: string): 'COPY' | 'REPLACE' {
  const value = headerOf(request, name) ?? 'COPY'
  if (value === 'COPY' || value === 'REPLACE') return value
  throw new ServiceError(400, 'InvalidArgument', 'Unknown directive.', { ArgumentName: name, ArgumentValue: value })
}

function checkChange({ request }: S3Call, source: CopySource): void {
  const changing = ['x-amz-storage-class', 'x-amz-server-side-encryption']
  if (source.namesVersion || changing.some((name) => headerOf(request, name) !== undefined)) return
  const message =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
  throw new ServiceError(400, 'InvalidRequest', message)
}

// A composite checksum does not apply to the copy, which has no parts: S3 computes a new one.
function copiedChecksums(request: LabRequest, { body, checksums, checksumType }: StoredObject): Record<string, string> {
  const wanted = headerOf(request, 'x-amz-checksum-algorithm')?.toLowerCase()
  const names = wanted === undefined ? Object.keys(checksums) : checksumNames.filter((name) => name === wanted)
  const kept = names.map((name) => {
    const stored = checksumType === 'COMPOSITE' ? undefined : checksums[name]
    return [name, stored ?? computeChecksum(name, body)] as const
  })
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
