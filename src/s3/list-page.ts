import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import type { ListedObject } from '../trail/log-object.ts'
import { serverMark } from './server-mark.ts'
import { UsualEntries } from './usual-entries.ts'
import { decodeEntities, elementText } from './xml.ts'

/** One page of a listing, at most 1,000 keys and common prefixes together. */
export interface ListPage {
  readonly objects: readonly ListedObject[]
  readonly commonPrefixes: readonly string[]
  /** Set where more follows. */
  readonly nextToken: string | undefined
}

/**
 * Reads a ListObjectsV2 answer made with `encoding-type=url`, by scanning. Takes the sibling order that a server likes, and
 * refuses what it cannot read whole, so that a damaged page is asked for again instead of losing a key. The answer may come
 * in pieces, each of which but the first begins with a `<Contents>`.
 * Throws CrosstrailError `bucket.malformed-answer`.
 */
export function parseListPage(...pieces: readonly string[]): ListPage {
  const root = pieces[0]?.indexOf('<ListBucketResult') ?? -1
  if (root === -1) throw malformed('it is no ListBucketResult')
  if (!pieces.at(-1)?.trimEnd().endsWith('</ListBucketResult>')) throw malformed('it ends early')
  let known: boolean | undefined
  const isUrlEncoded = () => (known ??= firstEncodingType(pieces) === 'url')
  const objects: ListedObject[] = []
  let rest = ''
  let from = root
  for (const piece of pieces) {
    rest += takeEntries(piece, from, isUrlEncoded, objects)
    from = 0
  }

  const commonPrefixes = parseCommonPrefixes(rest, elementText(rest, 'EncodingType') === 'url')
  const nextToken = parseNextToken(rest)
  const keyCount = elementText(rest, 'KeyCount')
  if (keyCount !== undefined && Number(keyCount) !== objects.length + commonPrefixes.length) {
    throw malformed(`it announces ${keyCount} keys and holds ${objects.length + commonPrefixes.length}`)
  }
  return { objects, commonPrefixes, nextToken }
}

/** Answers what stands between the entries. */
function takeEntries(xml: string, from: number, isUrlEncoded: () => boolean, objects: ListedObject[]): string {
  let rest = ''
  let end = from
  const usualEntries = new UsualEntries(xml)
  for (;;) {
    const object = usualEntries.read(end)
    if (object !== undefined) {
      objects.push(object)
      end = usualEntries.end
      continue
    }
    const at = xml.indexOf('<Contents>', end)
    if (at === -1) return rest + xml.slice(end)
    if (at > end) {
      rest += xml.slice(end, at)
      end = at
      continue
    }
    const close = xml.indexOf('</Contents>', at)
    if (close === -1) throw malformed('a <Contents> is not closed')
    objects.push(parseObject(xml, at, close, isUrlEncoded()))
    end = close + '</Contents>'.length
  }
}

function firstEncodingType(pieces: readonly string[]): string | undefined {
  for (const piece of pieces) {
    const type = elementText(piece, 'EncodingType')
    if (type !== undefined) return type
  }
  return undefined
}

function parseObject(xml: string, from: number, to: number, urlEncoded: boolean): ListedObject {
  const key = elementText(xml, 'Key', from, to)
  const size = elementText(xml, 'Size', from, to)
  const lastModified = elementText(xml, 'LastModified', from, to)
  if (key === undefined || size === undefined || lastModified === undefined)
    throw malformed('an object lacks its key, size or date')
  const sizeBytes = Number(size)
  const lastModifiedMs = Date.parse(lastModified)
  if (size === '' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw malformed(`a size is '${size}'`)
  if (Number.isNaN(lastModifiedMs)) throw malformed(`a date is '${lastModified}'`)
  const object: ListedObject = {
    key: urlEncoded ? decodeUrl(key) : key,
    sizeBytes,
    etag: serverMark(unquote(elementText(xml, 'ETag', from, to) ?? '')),
    lastModifiedMs,
    storageClass: serverMark(elementText(xml, 'StorageClass', from, to) ?? 'STANDARD'),
  }
  return object.storageClass === 'STANDARD' ? object : withRestoreStatus(object, xml, from, to)
}

function withRestoreStatus(object: ListedObject, xml: string, from: number, to: number): ListedObject {
  const start = xml.indexOf('<RestoreStatus>', from)
  if (start === -1 || start >= to) return object
  const inProgress = elementText(xml, 'IsRestoreInProgress', start, to)
  const expiry = elementText(xml, 'RestoreExpiryDate', start, to)
  return { ...object, restored: inProgress === 'false' && expiry !== undefined }
}

function parseCommonPrefixes(xml: string, urlEncoded: boolean): string[] {
  const prefixes: string[] = []
  let at = 0
  for (;;) {
    const start = xml.indexOf('<CommonPrefixes>', at)
    if (start === -1) return prefixes
    const end = xml.indexOf('</CommonPrefixes>', start)
    if (end === -1) throw malformed('a <CommonPrefixes> is not closed')
    // A server may put several prefixes into one element.
    for (let inner = start; ;) {
      const prefixStart = xml.indexOf('<Prefix>', inner)
      if (prefixStart === -1 || prefixStart >= end) break
      const prefixEnd = xml.indexOf('</Prefix>', prefixStart)
      const prefix = decodeEntities(xml.slice(prefixStart + '<Prefix>'.length, prefixEnd))
      prefixes.push(urlEncoded ? decodeUrl(prefix) : prefix)
      inner = prefixEnd
    }
    at = end
  }
}

function parseNextToken(xml: string): string | undefined {
  const truncated = elementText(xml, 'IsTruncated')
  if (truncated !== 'true' && truncated !== 'false') throw malformed('it does not say whether it is truncated')
  const nextToken = elementText(xml, 'NextContinuationToken')
  if (truncated === 'true' && !nextToken) throw malformed('it is truncated and has no token')
  return truncated === 'true' ? nextToken : undefined
}

function unquote(etag: string): string {
  return etag.startsWith('"') && etag.endsWith('"') && etag.length > 1 ? etag.slice(1, -1) : etag
}

function decodeUrl(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw malformed('a key is not URL-encoded UTF-8', cause)
  }
}

function malformed(what: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('bucket.malformed-answer', `the listing cannot be read: ${maskedForeignText(what)}`, {
    hint: 'a proxy in between may cut answers; if it is always so, the endpoint is no S3',
    cause,
  })
}
