import type { LabOptions } from '../../../src/lab/lab.ts'
import { type AlteredTrail, trailOf } from './altered-trail.ts'
import { type CopyWorld, mayCopy } from './copy-world.ts'

/** A trail with digests, in which accounts may copy to other buckets, delete and verify. */
export type VerifiedWorld = CopyWorld & Pick<AlteredTrail, 'stream'>

export async function verifiedWorld(regions: readonly string[], options: LabOptions = {}): Promise<VerifiedWorld> {
  const { world, stream } = await trailOf(regions, regions.length * 40, options)
  return { ...mayCopy(world, ['copy', 'delete', 'verify']), stream }
}
