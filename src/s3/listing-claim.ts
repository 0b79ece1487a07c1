import { wrongPage } from './listing-error.ts'
import { decodeForm } from './uri.ts'
import { elementText } from './xml.ts'

/** What an answer says of the listing it belongs to. What a server leaves out is undefined. */
export interface ListingClaim {
  readonly name: string | undefined
  readonly prefix: string | undefined
  readonly token: string | undefined
  readonly startAfter: string | undefined
  /** Of a listing of versions. */
  readonly keyMarker: string | undefined
  /** Keys and prefixes came URL-encoded. Ceph RGW leaves those that it repeats from the request as they are. */
  readonly isUrlEncoded: boolean
}

export interface AskedListing {
  readonly bucket: string
  readonly prefix: string
  readonly startAfter?: string | undefined
  readonly token?: string | undefined
  readonly keyMarker?: string | undefined
}

/** `head`: a listing's answer without its entries and common prefixes, in which `<Prefix>` may be another one. */
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
 * Refuses an answer that names another bucket, prefix or place in the listing than was asked for. What it leaves out is not missed: keys are
 * looked at for themselves. Throws `bucket.wrong-page`.
 */
export function demandClaim(claim: ListingClaim, asked: AskedListing): void {
  const { prefix, token, startAfter, keyMarker } = asked
  const refuse = (what: string, said: string) => {
    throw wrongPage(prefix, `it is of the ${what} '${said}'`)
  }
  const { name } = claim
  if (name !== undefined && name !== asked.bucket && !isAlias(asked.bucket)) refuse('bucket', name)
  const means = (said: string, wanted: string) => said === wanted || (claim.isUrlEncoded && decodeForm(said) === wanted)
  if (claim.prefix !== undefined && !means(claim.prefix, prefix)) refuse('prefix', claim.prefix)
  if (claim.token && !means(claim.token, token ?? '')) refuse('continuation token', claim.token)
  // On later pages a start is not sent, and what a server makes of the token is its own.
  if (token === undefined && claim.startAfter && !means(claim.startAfter, startAfter ?? '')) {
    refuse('start', claim.startAfter)
  }
  if (claim.keyMarker && !means(claim.keyMarker, keyMarker ?? '')) refuse('key marker', claim.keyMarker)
}

/** The alias of an access point stands for a bucket of another name. */
function isAlias(bucket: string): boolean {
  return /(?:-s3alias|--ol-s3|\.mrap)$/.test(bucket)
}
