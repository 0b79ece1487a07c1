import type { KeySource } from '../s3/credentials.ts'
import type { StorageOptions } from '../s3/copy-target.ts'
import { parseRoleArn } from '../trail/arn.ts'
import type { AccountId } from '../trail/account-id.ts'
import { demandDestination, refuseCopyOntoItself } from '../verbs/copy-destination.ts'
import type { CopySides } from '../verbs/copy-sides.ts'
import type { SinkChoice } from '../verbs/pull-request.ts'
import type { RunListener } from '../work/run-event.ts'
import { accountsByLabel } from './account-labels.ts'
import { copySource, copyTarget, type TargetPlace } from './copy-places.ts'
import type { SessionScope } from './sessions.ts'
import type { Context, HostRequest } from './verb-hosts.ts'

/** Where pulled logs are copied to, as the copy command is told. */
export interface CopyingTo {
  readonly type: 's3'
  /** As it was given: `s3://bucket/prefix`. */
  readonly url: string
  readonly toOwner: AccountId | undefined
  readonly toRegion: string | undefined
  readonly toAccount: string | undefined
  readonly storage: StorageOptions
}

/** Where one pull puts its logs, and what it needs for that. */
export interface PullPlace {
  readonly sink: SinkChoice
  /** What the sessions that read are narrowed to. */
  readonly scope: SessionScope
  readonly onOpened: NonNullable<HostRequest<unknown>['onOpened']>
}

/** Both sides of a pull to another bucket. Throws `usage.invalid-value`, `usage.copy-onto-itself`, and what keeps the writing account out. */
export async function pullToS3(
  { config, buckets, sessions }: Context,
  { url, toAccount, toOwner, toRegion, storage }: CopyingTo,
  listener: RunListener,
): Promise<PullPlace> {
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
  const targetOf = (keys: KeySource) => copyTarget(buckets, place, keys, listener)
  const written =
    writer === undefined
      ? undefined
      : targetOf(await sessions.open(writer, { verb: 'store', target: to }, 'all', listener))
  const sides = new Map<string, CopySides>()
  const sidesOf = (account: string): CopySides => {
    const found = sides.get(account)
    if (found === undefined) throw new Error(`the session of ${account} is not open`)
    return found
  }
  return {
    sink: { type: 's3', to, sidesOf },
    scope: { verb: 'copy', ...(writer === undefined && { target: to }) },
    onOpened(label, session, bucket) {
      const source = copySource(buckets, config.trail, session, bucket)
      sides.set(label, { source, target: written ?? targetOf(session), anotherWrites: written !== undefined })
    },
  }
}
