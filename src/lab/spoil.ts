import type { Fault, SeenRequest } from './faults.ts'
import { emptyBody, type Reply } from './reply.ts'
import { expiredToken } from './s3-refusal.ts'
import { ServiceError } from './error-answer.ts'
import { element, textOf } from './write-xml.ts'

/** Returns the error that a fault stands for; undefined for faults that change an answer instead. */
export function errorOf(fault: Fault, operation: string | undefined): ServiceError | undefined {
  if (typeof fault === 'object') {
    return 'code' in fault ? new ServiceError(fault.status, fault.code, fault.message) : undefined
  }
  if (fault === 'slowDown') return new ServiceError(503, 'SlowDown', 'Please reduce your request rate.')
  if (fault === 'internalError') return internalError(500)
  if (fault === 'expiredToken') return expiredToken()
  return fault === 'errorInside200' && longWrites.has(operation ?? '') ? internalError(200) : undefined
}

/** Operations that send their 200 before the work is done. An error inside it means that nothing was written. */
const longWrites = new Set(['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'])

/** The error that S3 puts inside a 200 if it fails after it began to answer. */
export function internalError(status: 200 | 500): ServiceError {
  return new ServiceError(status, 'InternalError', 'We encountered an internal error. Please try again.')
}

/** Returns the answer as the fault changes it. Error answers stay unchanged. */
export function spoiled(reply: Reply, fault: Fault | undefined, request: SeenRequest, errorDocument: Buffer): Reply {
  if (reply.status >= 300) return reply
  if (fault === 'errorInside200') return { ...reply, status: 200, body: errorDocument }
  if (typeof fault === 'object' && 'rewrite' in fault) return fault.rewrite(reply)
  const spoil = typeof fault === 'string' ? spoilers[fault] : undefined
  return spoil === undefined ? reply : { ...reply, body: spoil(reply.body, request) }
}

type Spoiler = (body: Buffer, request: SeenRequest) => Buffer

const spoilers: Readonly<Record<string, Spoiler>> = {
  emptyBody: () => emptyBody,
  longBody: (body) => Buffer.concat([body, Buffer.from('more than the listing said')]),
  wrongByte: withWrongByte,
  malformedXml: withBrokenTag,
  truncatedXml: (body) => body.subarray(0, Math.floor(body.length * 0.7)),
  repeatedToken: (body, { query }) => withToken(body, query.get('continuation-token') ?? ''),
  otherListing: withOtherPrefix,
}

function withWrongByte(body: Buffer): Buffer {
  const wrong = Buffer.from(body)
  const middle = Math.floor(wrong.length / 2)
  if (wrong.length > 0) wrong[middle] = (wrong[middle] ?? 0) ^ 0x20
  return wrong
}

// Breaks the end of the last key of a page, or of the bucket's name on a page without keys.
function withBrokenTag(body: Buffer): Buffer {
  const xml = body.toString()
  const tag = xml.includes('</Key>') ? '</Key>' : '</Name>'
  const start = xml.lastIndexOf(tag)
  return Buffer.from(`${xml.slice(0, start)}</Broken${xml.slice(start + tag.length)}`)
}

// Changes every key of the page to one of the other listing too.
function withOtherPrefix(body: Buffer): Buffer {
  const xml = body.toString()
  const prefix = textOf(xml, 'Prefix') ?? ''
  const keys = prefix === '' ? xml : xml.replaceAll(`<Key>${prefix}`, `<Key>other/${prefix}`)
  return Buffer.from(keys.replaceAll(`<Prefix>${prefix}`, `<Prefix>other/${prefix}`))
}

function withToken(body: Buffer, token: string): Buffer {
  const page = body
    .toString()
    .replace(/<NextContinuationToken>[^<]*<\/NextContinuationToken>/, '')
    .replace(
      /<IsTruncated>\w+<\/IsTruncated>/,
      `<IsTruncated>true</IsTruncated>${element('NextContinuationToken', token)}`,
    )
  return Buffer.from(page)
}
