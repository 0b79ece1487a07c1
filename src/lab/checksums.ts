import { createHash } from 'node:crypto'
import { md5 } from '../s3/md5.ts'
import { decodeChunked } from './chunked-body.ts'
import { headerOf, type LabRequest } from './request.ts'
import { ServiceError } from './error-answer.ts'
import { base64Crc32 } from './stored-object.ts'

/** The body of a request with the checksums that were sent with it, by algorithm. */
export interface CheckedBody {
  readonly body: Buffer
  readonly checksums: Readonly<Record<string, string>>
}

/**
 * Decodes a body and checks it. MD5, CRC32, SHA1 and SHA256 are compared with it; other checksums are kept as given.
 * @throws {ServiceError} `BadDigest`
 */
export function checkedBody(request: LabRequest): CheckedBody {
  const { body, trailers } = bodyOf(request)
  const checksums: Record<string, string> = {}
  for (const name of checksumNames) {
    const value = headerOf(request, `x-amz-checksum-${name}`) ?? trailers.get(`x-amz-checksum-${name}`)
    if (value !== undefined) checksums[name] = value
  }
  checkDigests(body, headerOf(request, 'content-md5'), checksums)
  return { body, checksums }
}

/** `checkedBody` for the documents that S3 accepts only with a digest. @throws {ServiceError} `InvalidRequest` without one */
export function digestedBody(request: LabRequest): Buffer {
  const { body, checksums } = checkedBody(request)
  if (headerOf(request, 'content-md5') === undefined && Object.keys(checksums).length === 0) {
    throw new ServiceError(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5')
  }
  return body
}

/** Returns a checksum in base64; undefined for algorithms that the lab cannot compute. */
export function computeChecksum(name: string, body: Buffer): string | undefined {
  if (name === 'crc32') return base64Crc32(body)
  return name === 'sha1' || name === 'sha256' ? createHash(name).update(body).digest('base64') : undefined
}

/** The checksum algorithms of S3, as its headers name them. */
export const checksumNames = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256']

function bodyOf(request: LabRequest): { body: Buffer; trailers: ReadonlyMap<string, string> } {
  if (headerOf(request, 'x-amz-content-sha256') === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    return decodeChunked(request.body)
  }
  return { body: request.body, trailers: new Map() }
}

function checkDigests(body: Buffer, givenMd5: string | undefined, checksums: Readonly<Record<string, string>>): void {
  // If Node has no MD5, a Content-MD5 cannot be checked and is refused.
  if (givenMd5 !== undefined && givenMd5 !== md5(body)?.toString('base64')) {
    throw new ServiceError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
  for (const [name, value] of Object.entries(checksums)) {
    if (value === (computeChecksum(name, body) ?? value)) continue
    const message = `The ${name.toUpperCase()} you specified did not match the calculated checksum.`
    throw new ServiceError(400, 'BadDigest', message)
  }
}
