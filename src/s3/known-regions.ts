import { partition } from '@aws-sdk/core/client'

/** Whether the SDK knows a region of this name, in any partition. */
export function isKnownRegion(name: string): boolean {
  // The SDK describes the regions it knows. Of other names it knows the partition alone.
  return 'description' in partition(name)
}

/** The regions that the SDK knows, as far as their names are made of the usual words. It can be asked for names, and has no list. */
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
