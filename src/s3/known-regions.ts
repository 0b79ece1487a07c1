import { partition } from '@aws-sdk/core/client'

/** Returns whether the SDK knows a region of this name, in any partition. */
export function isKnownRegion(name: string): boolean {
  // The SDK has a description only for known regions. For other names it returns just the partition.
  return 'description' in partition(name)
}

/** Returns the regions that the SDK knows, if their names consist of the usual words. The SDK has no list, so this tries each name. */
export function knownRegions(): readonly string[] {
  return areas.flatMap((area) =>
    directions.flatMap((direction) =>
      Array.from({ length: mostInDirection }, (_, at) => `${area}-${direction}-${at + 1}`).filter(isKnownRegion),
    ),
  )
}

const areas = 'us us-gov us-iso us-isob us-isof ca mx sa eu eu-isoe eusc-de il me af ap cn'.split(' ')
const directions = ['central', 'north', 'northeast', 'east', 'southeast', 'south', 'southwest', 'west', 'northwest']
const mostInDirection = 9
