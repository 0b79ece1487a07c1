import { parseRoleArn } from '../trail/arn.ts'
import type { KeySource } from '../s3/key-source.ts'
import { type CopyDestination, demandDestination, refuseCopyOntoItself } from '../sinks/bucket/destination.ts'
import type { CopySides, TargetSide } from '../sinks/bucket/sides.ts'
import type { RunListener } from '../work/run-event.ts'
import { accountsByLabel } from './account-labels.ts'
import { copySource, copyTarget, type TargetPlace } from './copy-places.ts'
import type { CopyRequest } from './services.ts'
import type { SessionScope } from './narrowed-sessions.ts'
import { type Context, type HostRequest, onceEach } from './verb-hosts.ts'

/** Where copies go, and who writes them there. */
export type CopyGoal = Pick<CopyRequest, 'to' | 'toOwner' | 'toRegion' | 'toAccount' | 'storage'>

/** What a run that copies is made with. */
export interface CopyEnds {
  readonly to: CopyDestination
  readonly place: TargetPlace
  /** What the sessions that read are narrowed to. */
  readonly scope: SessionScope
  /** Opens the session of the account that writes, where it is not the one that reads: before anything is copied. */
  readonly openWriter: () => Promise<void>
  readonly onOpened: NonNullable<HostRequest<unknown>['onOpened']>
  /** Both sides, as an account whose session is open has them. */
  readonly sidesOf: (account: string) => CopySides
}

/**
 * Both ends of copying: each account writes through its own session, or all of them through that of another.
 * Throws `usage.invalid-value`, `usage.copy-onto-itself`, `usage.unknown-account`.
 */
export function copyEnds(
  { config, buckets, sessions }: Context,
  { to: url, toAccount, toOwner, toRegion, storage }: CopyGoal,
  listener: RunListener,
): CopyEnds {
  const to = demandDestination(url)
  refuseCopyOntoItself(config.trail, to)
  const writer = toAccount === undefined ? undefined : accountsByLabel(config, [toAccount])[0]
  const place: TargetPlace = {
    bucket: to.bucket,
    owner: toOwner ?? (writer && parseRoleArn(writer.role)?.accountId) ?? config.trail.owner,
    region: toRegion ?? config.trail.region,
    requesterPays: config.trail.requesterPays,
    storage,
  }
  const heard = onceEach(listener)
  const targetOf = (keys: KeySource) => copyTarget(buckets, place, keys, heard)
  const sides = new Map<string, CopySides>()
  let written: TargetSide | undefined
  return {
    to,
    place,
    scope: { verb: 'copy', ...(writer === undefined && { target: to }) },
    async openWriter() {
      if (writer === undefined) return
      written = targetOf(await sessions.open(writer, { verb: 'store', target: to }, 'all', heard))
    },
    onOpened(label, session, bucket) {
      const source = copySource(buckets, config.trail, session, bucket)
      sides.set(label, { source, target: written ?? targetOf(session), anotherWrites: written !== undefined })
    },
    sidesOf(account) {
      const found = sides.get(account)
      if (found === undefined) throw new Error(`the session of ${account} is not open`)
      return found
    },
  }
}
