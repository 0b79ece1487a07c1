import type { ListedObject } from '../trail/log-object.ts'
import { decodeKey, takeEntries } from './list-entries.ts'
import { type ListingClaim, readClaim } from './listing-claim.ts'
import { malformedListing } from './listing-error.ts'
import { decodeEntities, elementText } from './xml.ts'

/** One page of a listing: at most 1,000 keys and common prefixes in total. */
export interface ListPage {
  readonly objects: readonly ListedObject[]
  readonly commonPrefixes: readonly string[]
  /** Set if more pages follow. */
  readonly nextToken: string | undefined
  /** When the server answered, by its own clock, or by this machine's clock if the server does not say. */
  readonly answeredAtMs: number
}

/** A parsed page, and what it says about its listing. */
export interface ParsedPage extends Omit<ListPage, 'answeredAtMs'> {
  readonly claim: ListingClaim
}

/**
 * Parses a ListObjectsV2 answer to a request with `encoding-type=url`, by scanning. It accepts elements in any order. It rejects what it
 * cannot read completely, so that a damaged page is requested again instead of losing a key. The answer may come in pieces; each piece but the
 * first begins with `<Contents>`.
 * Throws CrosstrailError `bucket.malformed-answer`.
 */
export function parseListPage(...pieces: readonly string[]): ParsedPage {
  const root = pieces[0]?.indexOf('<ListBucketResult') ?? -1
  if (root === -1) throw malformedListing('it is not a ListBucketResult')
  if (!pieces.at(-1)?.trimEnd().endsWith('</ListBucketResult>')) throw malformedListing('it is cut off')
  let known: boolean | undefined
  const isUrlEncoded = () => (known ??= firstEncodingType(pieces) === 'url')
  const objects: ListedObject[] = []
  let rest = ''
  let from = root
  for (const piece of pieces) {
    rest += takeEntries(piece, from, isUrlEncoded, objects)
    from = 0
  }

  demandPlainTags(rest)
  const { commonPrefixes, head } = takeCommonPrefixes(rest, isUrlEncoded)
  demandCount(elementText(head, 'KeyCount'), objects.length, commonPrefixes.length)
  return { objects, commonPrefixes, nextToken: parseNextToken(head), claim: readClaim(head) }
}

function firstEncodingType(pieces: readonly string[]): string | undefined {
  for (const piece of pieces) {
    const type = elementText(piece, 'EncodingType')
    if (type !== undefined) return type
  }
  return undefined
}

const readNames =
  'CommonPrefixes|Prefix|Name|KeyCount|IsTruncated|NextContinuationToken|ContinuationToken|StartAfter|EncodingType'

/** Matches a known element in an unsupported spelling (namespace, attributes, spaces), an entry that was not read, and a comment. */
const strangeTag = new RegExp(
  `<(?:/?(?:[^\\s<>/:]+:(?:${readNames})[\\s/>]|(?:${readNames})\\s|(?:[^\\s<>/:]+:)?Contents[\\s/>])|!)[^>]{0,80}`,
)

/** Rejects elements that the parser does not read, so that they are not treated as missing. */
function demandPlainTags(rest: string): void {
  const tag = strangeTag.exec(rest)?.[0]
  if (tag !== undefined) throw malformedListing(`it contains ${tag}>, which cannot be read`)
  if (rest.includes('<ListBucketResult', 1)) throw malformedListing('it contains a second document')
}

function takeCommonPrefixes(
  xml: string,
  isUrlEncoded: () => boolean,
): { readonly commonPrefixes: readonly string[]; readonly head: string } {
  const commonPrefixes: string[] = []
  let head = ''
  for (let at = 0; ;) {
    const start = xml.indexOf('<CommonPrefixes>', at)
    if (start === -1) return { commonPrefixes, head: head + xml.slice(at) }
    const end = xml.indexOf('</CommonPrefixes>', start)
    if (end === -1) throw malformedListing('a <CommonPrefixes> element is not closed')
    const inside = xml.slice(start + '<CommonPrefixes>'.length, end)
    // A server may put several prefixes into one element.
    const prefixes = [...inside.matchAll(/<Prefix>([^<]*)<\/Prefix>/g)].map(([, prefix = '']) => decodeEntities(prefix))
    if (prefixes.length !== inside.split('<Prefix').length - 1 || (prefixes.length === 0 && inside.trim() !== '')) {
      throw malformedListing('a <CommonPrefixes> element cannot be read')
    }
    for (const prefix of prefixes) commonPrefixes.push(isUrlEncoded() ? decodeKey(prefix) : prefix)
    head += xml.slice(at, start)
    at = end + '</CommonPrefixes>'.length
  }
}

/** Checks KeyCount. Some servers count only the keys. */
function demandCount(keyCount: string | undefined, keys: number, commonPrefixes: number): void {
  if (keyCount === undefined) return
  const count = Number(keyCount)
  if (count === keys + commonPrefixes || count === keys) return
  throw malformedListing(`it announces ${keyCount} keys but contains ${keys + commonPrefixes}`)
}

function parseNextToken(head: string): string | undefined {
  const truncated = elementText(head, 'IsTruncated')
  if (truncated !== 'true' && truncated !== 'false') throw malformedListing('it does not say whether it is truncated')
  const nextToken = elementText(head, 'NextContinuationToken')
  if (truncated === 'true' && !nextToken) throw malformedListing('it is truncated but has no token')
  return truncated === 'true' ? nextToken : undefined
}
