import { xmlReply, type Reply } from './reply.ts'
import { parseQuery } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { readable } from './s3-read.ts'
import { ServiceError } from './error-answer.ts'
import { element, xmlDocument } from './write-xml.ts'

/** `GetObjectTagging`; an object without tags has an empty set. */
export function getObjectTagging(call: S3Call): Reply {
  const versionId = call.request.query.get('versionId')
  demand(call, versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging', {
    's3:versionid': versionId,
  })
  const object = readable(call, versionId)
  const tags = Object.entries(object.tags ?? {}).map(
    ([key, value]) => `<Tag>${element('Key', key)}${element('Value', value)}</Tag>`,
  )
  const version: Record<string, string> =
    call.bucket.versioning === 'Off' ? {} : { 'x-amz-version-id': object.versionId }
  const document = xmlDocument(`<Tagging ${s3Namespace}><TagSet>${tags.join('')}</TagSet></Tagging>`)
  return xmlReply(document, 200, version)
}

/** Parses `x-amz-tagging`: `a=1&b=2`. @throws {ServiceError} `BadRequest`, `InvalidTag`, `InvalidArgument` */
export function parseTags(header: string): Record<string, string> {
  const tags = parseQuery(header)
  if (tags.size < header.split('&').filter((pair) => pair !== '').length) {
    const message =
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
    throw new ServiceError(400, 'InvalidArgument', message, { ArgumentName: 'x-amz-tagging' })
  }
  if (tags.size > 10) throw new ServiceError(400, 'BadRequest', 'Object tags cannot be greater than 10')
  for (const [key, value] of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key)) {
      throw new ServiceError(400, 'InvalidTag', 'The TagKey you have provided is invalid', { TagKey: key })
    }
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) {
      throw new ServiceError(400, 'InvalidTag', 'The TagValue you have provided is invalid', { TagKey: key })
    }
  }
  return Object.fromEntries(tags)
}
