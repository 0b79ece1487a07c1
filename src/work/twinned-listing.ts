import type { ListedObject } from '../trail/log-object.ts'
import type { Listing } from './plan.ts'
import { listedTwins, type TwinListing } from './twins.ts'

/**
 * Returns a listing of one prefix whose objects carry their twins in another place, for sources that do not give them in key order. Only the
 * twins of wanted keys are looked up.
 */
export function twinnedListing(
  listing: Listing,
  place: TwinListing,
  isWanted: (key: string) => boolean = () => true,
): Listing {
  let twins: ReturnType<typeof listedTwins> | undefined
  return {
    async listPage(request, signal) {
      const page = await listing.listPage(request, signal)
      twins ??= listedTwins({ prefix: request.prefix, startAfter: request.startAfter }, place)
      const found = await twins.of(page.objects.map(({ key }) => key).filter(isWanted))
      return { ...page, objects: page.objects.map((object) => ({ ...object, twin: found.get(object.key) })) }
    },
  }
}

/** The twin that an object of such a listing carries. */
export function twinOf(object: object): ListedObject | undefined {
  return (object as { readonly twin?: ListedObject | undefined }).twin
}
