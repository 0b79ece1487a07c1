import { wrongPage } from './listing-error.ts'
import { decodeForm } from './uri.ts'
import { elementText } from './xml.ts'

/** What an answer says about its listing. A field is undefined if the server omits it. */
export interface ListingClaim {
  readonly name: string | undefined
  readonly prefix: string | undefined
  readonly token: string | undefined
  readonly startAfter: string | undefined
  /** Only in a listing of versions. */
  readonly keyMarker: string | undefined
  /** True if keys and prefixes are URL-encoded. Ceph RGW does not encode those that it repeats from the request. */
  readonly isUrlEncoded: boolean
}

export interface AskedListing {
  readonly bucket: string
  readonly prefix: string
  readonly startAfter?: string | undefined
  readonly token?: string | undefined
  readonly keyMarker?: string | undefined
}

/** Reads the claim of an answer. `head` is the answer without its entries and common prefixes, which contain other `<Prefix>` elements. */
export function readClaim(head: string): ListingClaim {
  const text = (name: string) => elementText(head, name) ?? (head.includes(`<${name}/>`) ? '' : undefined)
  return {
    name: text('Name'),
    prefix: text('Prefix'),
    token: text('ContinuationToken'),
    startAfter: text('StartAfter'),
    keyMarker: text('KeyMarker'),
    isUrlEncoded: elementText(head, 'EncodingType') === 'url',
  }
}

/**
 * Rejects an answer that names another bucket, prefix or position in the listing than the request did. A missing field is accepted, because
 * the keys are checked too. Throws `bucket.wrong-page`.
 */
export function demandClaim(claim: ListingClaim, asked: AskedListing): void {
  const { prefix, token, startAfter, keyMarker } = asked
  const refuse = (what: string, said: string) => {
    throw wrongPage(prefix, `its ${what} is '${said}'`)
  }
  const { name } = claim
  if (name !== undefined && name !== asked.bucket && !isAlias(asked.bucket)) refuse('bucket', name)
  const means = (said: string, wanted: string) => said === wanted || (claim.isUrlEncoded && decodeForm(said) === wanted)
  if (claim.prefix !== undefined && !means(claim.prefix, prefix)) refuse('prefix', claim.prefix)
  if (claim.token && !means(claim.token, token ?? '')) refuse('continuation token', claim.token)
  // Later pages are requested without a start, and the server may derive any `StartAfter` from the token.
  if (token === undefined && claim.startAfter && !means(claim.startAfter, startAfter ?? '')) {
    refuse('start', claim.startAfter)
  }
  if (claim.keyMarker && !means(claim.keyMarker, keyMarker ?? '')) refuse('key marker', claim.keyMarker)
}

/** The alias of an access point leads to a bucket with another name. */
function isAlias(bucket: string): boolean {
  return /(?:-s3alias|--ol-s3|\.mrap)$/.test(bucket)
}
