import { compareKeys, keysRise } from '../trail/key-order.ts'
import type { ParsedPage } from './list-page.ts'
import { type AskedListing, demandClaim } from './listing-claim.ts'
import { listingLoops, wrongPage } from './listing-error.ts'

export interface AskedPage extends AskedListing {
  readonly delimiter?: '/' | undefined
}

/** Rejects a page of another listing or one that does not continue in key order. Throws `bucket.wrong-page`, `bucket.listing-loops`. */
export function demandAskedPage(page: ParsedPage, asked: AskedPage): void {
  const { prefix, startAfter, token } = asked
  demandClaim(page.claim, asked)
  const { objects } = page
  // The first and the last key are enough: the check below requires ascending keys, and all keys between two of a prefix have that prefix.
  for (const object of [objects[0], objects.at(-1)]) {
    if (object !== undefined && !object.key.startsWith(prefix)) throw wrongPage(prefix, `it contains '${object.key}'`)
  }
  if (asked.delimiter === undefined) demandNoFolders(page, prefix)
  else demandFolders(page, asked)
  const standsStill = page.nextToken !== undefined && page.nextToken === token
  if (standsStill || !keysRise(objects, startAfter)) throw listingLoops(prefix)
}

/** A common prefix that was not requested would hide keys. */
function demandNoFolders({ commonPrefixes: [folder] }: ParsedPage, prefix: string): void {
  if (folder !== undefined)
    throw wrongPage(prefix, `it contains the common prefix '${folder}', but no delimiter was sent`)
}

function demandFolders(
  { objects, commonPrefixes }: ParsedPage,
  { prefix, startAfter, delimiter = '/' }: AskedPage,
): void {
  for (const folder of commonPrefixes) {
    if (!folder.startsWith(prefix) || folder.length === prefix.length || !folder.endsWith(delimiter)) {
      throw wrongPage(prefix, `it contains the common prefix '${folder}'`)
    }
    // The folder that contains `startAfter` may be listed again.
    if (startAfter !== undefined && compareKeys(folder, startAfter) <= 0 && !startAfter.startsWith(folder)) {
      throw listingLoops(prefix)
    }
  }
  // Such a key means that its folder is missing from the page.
  const deep = objects.find(({ key }) => key.includes(delimiter, prefix.length))
  if (deep !== undefined) throw wrongPage(prefix, `it contains '${deep.key}', which belongs in a folder`)
}
