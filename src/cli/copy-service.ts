import type { KeySource } from '../s3/credentials.ts'
import { parseRoleArn } from '../trail/arn.ts'
import { copy } from '../verbs/copy.ts'
import { type CopyJob, openCopy } from '../verbs/copy-action.ts'
import { demandDestination, refuseCopyOntoItself } from '../verbs/copy-destination.ts'
import type { CopySides } from '../verbs/copy-sides.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import { accountsByLabel } from './account-labels.ts'
import { copySource, copyTarget, type TargetPlace } from './copy-places.ts'
import type { CopyRequest } from './services.ts'
import { type Context, verbHost } from './verb-hosts.ts'

interface RunHead {
  readonly runId: string
  readonly about: Readonly<Record<string, unknown>>
}

/** Builds what copying needs, and copies: each account through its own session, or all of them to that of another. */
export async function runCopy(
  context: Context,
  { whenWritable, toAccount, toOwner, toRegion, ...asked }: CopyRequest,
  listener: RunListener,
  head: RunHead,
): Promise<RunReport> {
  const { config, buckets, sessions } = context
  const { storage, thaw, selection } = asked
  const to = demandDestination(asked.to)
  refuseCopyOntoItself(config.trail, to)
  const writer = toAccount === undefined ? undefined : accountsByLabel(config, [toAccount])[0]
  const place: TargetPlace = {
    bucket: to.bucket,
    owner: toOwner ?? (writer && parseRoleArn(writer.role)?.accountId) ?? config.trail.owner,
    region: toRegion ?? config.trail.region,
    requesterPays: config.trail.requesterPays,
    storage,
  }
  const sides = new Map<string, CopySides>()
  const targetOf = (keys: KeySource) => copyTarget(buckets, place, keys, (event) => host.listener(event))
  const host = verbHost<CopyJob>(context, {
    scope: { verb: 'copy', thaw: thaw !== undefined, ...(writer === undefined && { target: to }) },
    selection,
    listener,
    whenWritable,
    onOpened(label, session, bucket) {
      const source = copySource(buckets, config.trail, session, bucket)
      sides.set(label, { source, target: written ?? targetOf(session), anotherWrites: written !== undefined })
    },
    openAction: (job, frame) => openCopy(job, (label) => sidesOf(sides, label), frame),
  })
  const written =
    writer === undefined
      ? undefined
      : targetOf(await sessions.open(writer, { verb: 'store', target: to }, 'all', host.listener))
  const target = { bucket: place.bucket, owner: place.owner, region: place.region, account: toAccount }
  return copy({ ...asked, to, runId: head.runId, about: { ...head.about, target } }, host)
}

function sidesOf(sides: ReadonlyMap<string, CopySides>, label: string): CopySides {
  const found = sides.get(label)
  if (found === undefined) throw new Error(`the session of ${label} is not open`)
  return found
}
