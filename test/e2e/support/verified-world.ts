import { labAccounts } from '../../../src/lab/fixture.ts'
import type { Bucket } from '../../../src/lab/stored-bucket.ts'
import { type AlteredTrail, trailOf } from './altered-trail.ts'
import type { CommandOptions } from './lab-world.ts'
import type { CommandResult } from './crosstrail.ts'

export interface VerifiedWorld extends AlteredTrail {
  /** The bucket that copies go to. */
  readonly archive: Bucket
  /** Runs a command with a config in which Z may copy, delete and verify. */
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>
}

/** A trail with digests, in which Z may copy to another bucket, delete and verify. */
export async function verifiedWorld(regions: readonly string[]): Promise<VerifiedWorld> {
  const trail = await trailOf(regions)
  const { world } = trail
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }
  const roleOfZ = world.lab.iam.role('arn:aws:iam::111111111111:role/CloudTrailLogs-Z')
  if (roleOfZ === undefined) throw new Error('the lab has no role for Z')
  roleOfZ.policies = [all]
  const mayAll = world.configWith((text) =>
    text.replaceAll('allow: [list, download]', 'allow: [list, download, copy, delete, verify]'),
  )
  return {
    ...trail,
    config: mayAll,
    archive: world.lab.addBucket({ name: 'example-archive', owner: labAccounts.A, region: 'us-east-1' }),
    run: (args, options) => world.run([...args, '--config', mayAll], options),
  }
}
