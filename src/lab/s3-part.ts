import { checkedBody, computeChecksum } from './checksums.ts'
import { partEtag, type MultipartUpload, type UploadedPart } from './multipart-upload.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { checkCopySize, demandCopySource } from './s3-copy-source.ts'
import { uploadOf } from './s3-multipart.ts'
import { checksumElements, checksumHeaders, encryptionHeaders } from './s3-headers.ts'
import { checkPutSize } from './s3-write.ts'
import { ServiceError } from './error-answer.ts'
import { element, xmlDocument } from './write-xml.ts'

export function uploadPart(call: S3Call): Reply {
  demand(call, 's3:PutObject')
  const upload = uploadOf(call)
  const number = partNumberOf(call)
  const { body, checksums } = checkedBody(call.request)
  checkPutSize(call, body.length)
  checkAlgorithm(upload, checksums)
  const part = keepPart(upload, number, body, checksums)
  return emptyReply(200, {
    etag: `"${part.etag}"`,
    ...encryptionHeaders(upload.options),
    ...checksumHeaders(part.checksums),
  })
}

/** `UploadPartCopy`: a whole source or a range of it. */
export function uploadPartCopy(call: S3Call): Reply {
  demand(call, 's3:PutObject')
  const upload = uploadOf(call)
  const number = partNumberOf(call)
  const source = demandCopySource(call)
  const bytes = rangeOf(call, source.object.body)
  checkCopySize(call, bytes.length)
  const part = keepPart(upload, number, bytes, {})
  const result = [
    element('LastModified', new Date(call.world.now()).toISOString()),
    element('ETag', `"${part.etag}"`),
    checksumElements(part.checksums),
  ]
  const document = xmlDocument(`<CopyPartResult ${s3Namespace}>${result.join('')}</CopyPartResult>`)
  return xmlReply(document, 200, { ...encryptionHeaders(upload.options), ...source.headers })
}

function partNumberOf({ request }: S3Call): number {
  const text = request.query.get('partNumber') ?? ''
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= 10_000) return number
  const message = 'Part number must be an integer between 1 and 10000, inclusive'
  throw new ServiceError(400, 'InvalidArgument', message, { ArgumentName: 'partNumber', ArgumentValue: text })
}

function checkAlgorithm({ checksumAlgorithm }: MultipartUpload, checksums: UploadedPart['checksums']): void {
  const [actual] = Object.keys(checksums)
  if (checksumAlgorithm === undefined || actual === undefined || actual === checksumAlgorithm) return
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm}, actual checksum Type: ${actual}`
  throw new ServiceError(400, 'InvalidRequest', message)
}

function keepPart(
  upload: MultipartUpload,
  number: number,
  body: Buffer,
  given: UploadedPart['checksums'],
): UploadedPart {
  const algorithm = upload.checksumAlgorithm
  const computed = algorithm === undefined ? undefined : computeChecksum(algorithm, body)
  const checksums = algorithm === undefined || computed === undefined ? given : { ...given, [algorithm]: computed }
  const part: UploadedPart = { body, etag: partEtag(upload, body), checksums }
  upload.parts.set(number, part)
  return part
}

// S3 copies ranges only of objects larger than the smallest part.
function rangeOf({ request, world }: S3Call, body: Buffer): Buffer {
  const header = headerOf(request, 'x-amz-copy-source-range')
  if (header === undefined) return body
  const match = /^bytes=(\d+)-(\d+)$/.exec(header)
  const [first, last] = [Number(match?.[1]), Number(match?.[2])]
  const facts = { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header }
  if (match === null || first > last) {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy'
    throw new ServiceError(400, 'InvalidArgument', message, facts)
  }
  if (last >= body.length) {
    const message = `Range specified is not valid for source object of size: ${body.length}`
    throw new ServiceError(400, 'InvalidArgument', message, facts)
  }
  if (body.length <= world.sizes.minPartBytes) {
    const message = 'The specified copy source is not supported as a byte-range copy source'
    throw new ServiceError(400, 'InvalidRequest', message)
  }
  return body.subarray(first, last + 1)
}
