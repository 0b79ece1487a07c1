import { checksumNames } from './checksums.ts'
import type { MultipartUpload, UploadedPart } from './multipart-upload.ts'
import { malformedXml } from './s3-refusal.ts'
import { ServiceError } from './error-answer.ts'
import { insidesOf, textOf } from './write-xml.ts'

/**
 * Returns the parts that a `CompleteMultipartUpload` names, in its order.
 * @throws {ServiceError} `MalformedXML`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`; `InvalidRequest` for missing checksums
 */
export function namedParts(upload: MultipartUpload, xml: string, minPartBytes: number): UploadedPart[] {
  const named = insidesOf(xml, 'Part').map(readPart)
  if (named.length === 0) throw malformedXml()
  for (const [index, { number }] of named.entries()) {
    if (index === 0 || number > (named[index - 1]?.number ?? 0)) continue
    const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.'
    throw new ServiceError(400, 'InvalidPartOrder', message, { UploadId: upload.uploadId })
  }
  const parts = named.map((part) => partOf(upload, part))
  for (const [index, { body, etag }] of parts.slice(0, -1).entries()) {
    if (body.length >= minPartBytes) continue
    throw new ServiceError(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(body.length),
      MinSizeAllowed: String(minPartBytes),
      PartNumber: String(named[index]?.number),
      ETag: etag,
    })
  }
  return parts
}

interface NamedPart {
  readonly number: number
  readonly etag: string
  readonly checksums: UploadedPart['checksums']
}

function readPart(xml: string): NamedPart {
  const checksums = checksumNames.map((name) => [name, textOf(xml, `Checksum${name.toUpperCase()}`)] as const)
  return {
    number: Number(textOf(xml, 'PartNumber')),
    etag: (textOf(xml, 'ETag') ?? '').replaceAll('"', ''),
    checksums: Object.fromEntries(checksums.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  }
}

function partOf(upload: MultipartUpload, { number, etag, checksums }: NamedPart): UploadedPart {
  const { checksumAlgorithm, checksumType } = upload
  if (checksumAlgorithm !== undefined && checksumType === 'COMPOSITE' && checksums[checksumAlgorithm] === undefined) {
    const message = `The upload was created using a ${checksumAlgorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`
    throw new ServiceError(400, 'InvalidRequest', message)
  }
  const part = upload.parts.get(number)
  const agrees = Object.entries(checksums).every(([name, value]) => (part?.checksums[name] ?? value) === value)
  if (part !== undefined && part.etag === etag && agrees) return part
  const message =
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
  throw new ServiceError(400, 'InvalidPart', message, {
    UploadId: upload.uploadId,
    PartNumber: String(number),
    ETag: etag,
  })
}
