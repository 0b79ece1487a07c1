import type { ListedObject } from '../trail/log-object.ts'
import { decodeKey, takeEntries } from './list-entries.ts'
import { type ListingClaim, readClaim } from './listing-claim.ts'
import { malformedListing } from './listing-error.ts'
import { decodeEntities, elementText } from './xml.ts'

/** One page of a listing, at most 1,000 keys and common prefixes together. */
export interface ListPage {
  readonly objects: readonly ListedObject[]
  readonly commonPrefixes: readonly string[]
  /** Set where more follows. */
  readonly nextToken: string | undefined
  /** When the store answered, by its own clock; by the clock here if it does not say. */
  readonly answeredAtMs: number
}

/** A page as it was read, and what it says of the listing it belongs to. */
export interface ParsedPage extends Omit<ListPage, 'answeredAtMs'> {
  readonly claim: ListingClaim
}

/**
 * Reads a ListObjectsV2 answer made with `encoding-type=url`, by scanning. Takes the sibling order that a server likes, and
 * refuses what it cannot read whole, so that a damaged page is asked for again instead of losing a key. The answer may come
 * in pieces, each of which but the first begins with a `<Contents>`.
 * Throws CrosstrailError `bucket.malformed-answer`.
 */
export function parseListPage(...pieces: readonly string[]): ParsedPage {
  const root = pieces[0]?.indexOf('<ListBucketResult') ?? -1
  if (root === -1) throw malformedListing('it is no ListBucketResult')
  if (!pieces.at(-1)?.trimEnd().endsWith('</ListBucketResult>')) throw malformedListing('it ends early')
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

/**
 * What is read here in one spelling alone, in another one: with a namespace, attributes or blanks. Also an entry that was not read, and a
 * comment.
 */
const strangeTag = new RegExp(
  `<(?:/?(?:[^\\s<>/:]+:(?:${readNames})[\\s/>]|(?:${readNames})\\s|(?:[^\\s<>/:]+:)?Contents[\\s/>])|!)[^>]{0,80}`,
)

/** What is not read must not be taken for what is not there. */
function demandPlainTags(rest: string): void {
  const tag = strangeTag.exec(rest)?.[0]
  if (tag !== undefined) throw malformedListing(`it holds ${tag}>, which cannot be read`)
  if (rest.includes('<ListBucketResult', 1)) throw malformedListing('it holds a second document')
}

/** Common prefixes, and what stands before, between and behind them. */
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
    if (end === -1) throw malformedListing('a <CommonPrefixes> is not closed')
    const inside = xml.slice(start + '<CommonPrefixes>'.length, end)
    // A server may put several prefixes into one element.
    const prefixes = [...inside.matchAll(/<Prefix>([^<]*)<\/Prefix>/g)].map(([, prefix = '']) => decodeEntities(prefix))
    if (prefixes.length !== inside.split('<Prefix').length - 1 || (prefixes.length === 0 && inside.trim() !== '')) {
      throw malformedListing('a <CommonPrefixes> cannot be read')
    }
    for (const prefix of prefixes) commonPrefixes.push(isUrlEncoded() ? decodeKey(prefix) : prefix)
    head += xml.slice(at, start)
    at = end + '</CommonPrefixes>'.length
  }
}

/** Some servers count keys alone. */
function demandCount(keyCount: string | undefined, keys: number, commonPrefixes: number): void {
  if (keyCount === undefined) return
  const count = Number(keyCount)
  if (count === keys + commonPrefixes || count === keys) return
  throw malformedListing(`it announces ${keyCount} keys and holds ${keys + commonPrefixes}`)
}

function parseNextToken(head: string): string | undefined {
  const truncated = elementText(head, 'IsTruncated')
  if (truncated !== 'true' && truncated !== 'false') throw malformedListing('it does not say whether it is truncated')
  const nextToken = elementText(head, 'NextContinuationToken')
  if (truncated === 'true' && !nextToken) throw malformedListing('it is truncated and has no token')
  return truncated === 'true' ? nextToken : undefined
}
