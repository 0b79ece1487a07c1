import { constants } from 'node:buffer'
import { crc32, inflateRawSync } from 'node:zlib'
import { errnoOf } from '../../disk/disk-error.ts'
import { inflatesTooMuch } from '../../disk/gzip-error.ts'
import { inflateLog } from '../../disk/inflate.ts'
import { hasCode } from '../../error.ts'
import type { InflateLimit } from '../../disk/file-form.ts'

/** What a gzip file holds, and what is wrong with it. */
export interface GzipContents {
  /** The unzipped bytes of its members up to the damage; undefined if not even one member could be unzipped. */
  readonly bytes: Uint8Array | undefined
  /** How many members were unzipped. CloudTrail writes one. */
  readonly members: number
  /** Undefined if every byte of the file belongs to a member without errors. */
  readonly damage: string | undefined
}

/**
 * Unzips a file and tells what is wrong with it. Stricter than gzip(1): zeros after the last member are other data too. Throws
 * `object.inflates-too-much`.
 */
export function gzipContents(body: Uint8Array, limit: InflateLimit): GzipContents {
  try {
    const bytes = inflateLog(body, limit)
    const last = new DataView(body.buffer, body.byteOffset, body.length).getUint32(body.length - 4, true)
    // The file ends with the length of its last member. If that is the whole, nothing else is there.
    if (bytes.length > 0 && last === bytes.length % 2 ** 32) return { bytes, members: 1, damage: undefined }
  } catch (error) {
    if (hasCode(error, 'object.inflates-too-much')) throw error
  }
  return memberByMember(body, limit)
}

interface Member {
  readonly bytes: Buffer | undefined
  readonly end: number
  readonly damage: string | undefined
}

function memberByMember(body: Uint8Array, limit: InflateLimit): GzipContents {
  const parts: Buffer[] = []
  let at = 0
  let inflatedBytes = 0
  let damage: string | undefined
  while (at < body.length && damage === undefined) {
    const headerEnd = endOfHeader(body, at)
    if (headerEnd === undefined) {
      damage = parts.length === 0 ? notGzip(body) : followed(body.length - at)
      break
    }
    const member = readMember(body, headerEnd, limit)
    if (member.bytes !== undefined) parts.push(member.bytes)
    inflatedBytes += member.bytes?.length ?? 0
    if (inflatedBytes > limit.maxInflatedBytes) throw inflatesTooMuch(limit.maxInflatedBytes)
    if (member.damage !== undefined) damage = at === 0 ? member.damage : followed(body.length - at)
    at = member.end
  }
  if (body.length === 0) damage = 'it is empty'
  const bytes = parts.length === 0 ? undefined : Buffer.concat(parts)
  return { bytes, members: parts.length, damage }
}

function notGzip(body: Uint8Array): string {
  return body[0] === magic[0] && body[1] === magic[1] ? 'it ends early' : 'it is not gzip'
}

function followed(count: number): string {
  return `${count} ${count === 1 ? 'byte' : 'bytes'} of other data follow it`
}

const trailerLength = 8

/** What `info: true` returns; Node's types omit it. `bytesWritten` counts the input used. */
interface RawResult {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** Reads the compressed data and the trailer of a member (RFC 1952). */
function readMember(body: Uint8Array, dataAt: number, { maxInflatedBytes }: InflateLimit): Member {
  let result: RawResult
  try {
    const maxOutputLength = Math.min(Math.max(maxInflatedBytes, 1), constants.MAX_LENGTH)
    result = inflateRawSync(body.subarray(dataAt), { maxOutputLength, info: true }) as unknown as RawResult
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'Z_BUF_ERROR') return { bytes: undefined, end: body.length, damage: 'it ends early' }
    if (errno === 'Z_DATA_ERROR') return { bytes: undefined, end: body.length, damage: 'it cannot be unzipped' }
    if (errno === 'ERR_BUFFER_TOO_LARGE') throw inflatesTooMuch(maxInflatedBytes)
    throw error
  }
  const { buffer: bytes, engine } = result
  const trailerAt = dataAt + engine.bytesWritten
  const end = trailerAt + trailerLength
  if (end > body.length) return { bytes, end: body.length, damage: 'it ends early' }
  const trailer = new DataView(body.buffer, body.byteOffset + trailerAt, trailerLength)
  const isRight = trailer.getUint32(0, true) === crc32(bytes) && trailer.getUint32(4, true) === bytes.length % 2 ** 32
  return { bytes, end, damage: isRight ? undefined : 'its checksum does not fit its bytes' }
}

const magic = [0x1f, 0x8b, 8] as const
const [headerCrc, extra, name, comment, reserved] = [2, 4, 8, 16, 0xe0] as const

/** The header of a member ends there; undefined if there is no whole header. */
function endOfHeader(body: Uint8Array, start: number): number | undefined {
  if (magic.some((byte, index) => body[start + index] !== byte)) return undefined
  const flags = body[start + 3] ?? reserved
  let at = start + 10
  if ((flags & reserved) !== 0) return undefined
  if ((flags & extra) !== 0) at += 2 + (body[at] ?? 0) + (body[at + 1] ?? 0) * 256
  for (const text of [name, comment]) {
    if ((flags & text) === 0) continue
    const zeroAt = body.indexOf(0, at)
    if (zeroAt < 0) return undefined
    at = zeroAt + 1
  }
  if ((flags & headerCrc) !== 0) at += 2
  return at < body.length ? at : undefined
}
