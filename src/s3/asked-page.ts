import { compareKeys, keysRise } from '../trail/key-order.ts'
import type { ParsedPage } from './list-page.ts'
import { type AskedListing, demandClaim } from './listing-claim.ts'
import { listingLoops, wrongPage } from './listing-error.ts'

export interface AskedPage extends AskedListing {
  readonly delimiter?: '/' | undefined
}

/**
 * Refuses a page that is not the one that was asked for: of another listing, or one that does not go on in key order from where the page
 * before ended. Throws `bucket.wrong-page`, `bucket.listing-loops`.
 */
export function demandAskedPage(page: ParsedPage, asked: AskedPage): void {
  const { prefix, startAfter, token } = asked
  demandClaim(page.claim, asked)
  const { objects } = page
  // Between two keys of one prefix all keys have it, and that they rise is looked at below.
  for (const object of [objects[0], objects.at(-1)]) {
    if (object !== undefined && !object.key.startsWith(prefix)) throw wrongPage(prefix, `it holds '${object.key}'`)
  }
  if (asked.delimiter === undefined) demandNoFolders(page, prefix)
  else demandFolders(page, asked)
  const standsStill = page.nextToken !== undefined && page.nextToken === token
  if (standsStill || !keysRise(objects, startAfter)) throw listingLoops(prefix)
}

/** Keys would be hidden behind them. */
function demandNoFolders({ commonPrefixes: [folder] }: ParsedPage, prefix: string): void {
  if (folder !== undefined) throw wrongPage(prefix, `it holds the common prefix '${folder}', and none was asked for`)
}

function demandFolders(
  { objects, commonPrefixes }: ParsedPage,
  { prefix, startAfter, delimiter = '/' }: AskedPage,
): void {
  for (const folder of commonPrefixes) {
    if (!folder.startsWith(prefix) || folder.length === prefix.length || !folder.endsWith(delimiter)) {
      throw wrongPage(prefix, `it holds the common prefix '${folder}'`)
    }
    // A folder that holds the start may come once more.
    if (startAfter !== undefined && compareKeys(folder, startAfter) <= 0 && !startAfter.startsWith(folder)) {
      throw listingLoops(prefix)
    }
  }
  // Folders would be missed.
  const deep = objects.find(({ key }) => key.includes(delimiter, prefix.length))
  if (deep !== undefined) throw wrongPage(prefix, `it holds '${deep.key}', and folders were asked for`)
}
