import { accountsByLabel } from '../../config/account-labels.ts'
import { CopyEnds } from '../../sinks/bucket/copy-ends.ts'
import { type CopyDestination, demandDestination, refuseCopyOntoItself } from '../../sinks/bucket/destination.ts'
import type { TargetPlace } from '../../sinks/bucket/places.ts'
import { parseRoleArn } from '../../trail/arn.ts'
import type { Host } from '../host.ts'
import { onceEach } from '../trail-access.ts'
import { type CopyGoal, storeRights } from './options.ts'

export interface OpenGoal {
  readonly to: CopyDestination
  readonly place: TargetPlace
  readonly ends: CopyEnds
  /** Opens the session of the account that writes, if another account reads. Call it before anything is copied. */
  readonly openWriter: () => Promise<void>
}

/**
 * Opens the target of copies. Each account writes through its own session, or all write through that of one account. `refuse` throws if the
 * target is among the trail's own keys.
 * Throws `usage.invalid-value`, `usage.copy-onto-itself`, `usage.unknown-account`.
 */
export function openGoal(host: Host, goal: CopyGoal, refuse = refuseCopyOntoItself): OpenGoal {
  const { config, buckets } = host
  const { toAccount, toOwner, toRegion, storage } = goal
  const to = demandDestination(goal.to)
  refuse(config.trail, to)
  const writer = toAccount === undefined ? undefined : accountsByLabel(config, [toAccount])[0]
  const place: TargetPlace = {
    bucket: to.bucket,
    owner: toOwner ?? (writer && parseRoleArn(writer.role)?.accountId) ?? config.trail.owner,
    region: toRegion ?? config.trail.region,
    requesterPays: config.trail.requesterPays,
    storage,
  }
  const ends = new CopyEnds(buckets, config.trail, place, onceEach(host.listener))
  return {
    to,
    place,
    ends,
    async openWriter() {
      if (writer !== undefined) ends.writeWith(await host.session(writer, storeRights(to), 'all'))
    },
  }
}
