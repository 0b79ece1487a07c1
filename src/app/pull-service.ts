import { setMaxListeners } from 'node:events'
import { type PullJob, openPull, pull } from '../verbs/pull/pull.ts'
import { defaultSweepEveryMs } from '../verbs/pull/stream-plan.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import type { PullRequest, SinkChoice } from '../verbs/pull/request.ts'
import type { Session } from '../identity/session.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'
import { copyEnds, type CopyGoal } from './copy-ends.ts'
import type { SessionScope } from './narrowed-sessions.ts'
import { type Context, type HostRequest, verbHost } from './verb-hosts.ts'

/** Where pulled logs are copied to, as the copy command is told. */
export type CopyingTo = CopyGoal & { readonly type: 's3' }

/** What a pull is asked for. */
export interface PullAsked extends Pick<
  PullRequest,
  'to' | 'sinceMs' | 'lookBackMs' | 'sweepMs' | 'verifyLocal' | 'maxLagMs'
> {
  readonly selection: Selection
  readonly sink: Exclude<SinkChoice, { readonly type: 's3' }> | CopyingTo
  readonly whenWritable: () => Promise<void> | undefined
}

/** Who hears of a pull while it goes. */
export interface PullHearers {
  readonly listener: RunListener
  /** A session stands, and lasts until then. */
  readonly onSession: (account: string, expiresAtMs: number) => void
}

/**
 * One pull. It opens its sessions anew, so that a process that goes on for months is no different from one that is started each time:
 * one AssumeRole for each account and hop, and keys that never grow old.
 */
export async function runPull(
  context: Context,
  { whenWritable, sink: askedSink, ...asked }: PullAsked,
  { listener, onSession }: PullHearers,
  head: Pick<PullRequest, 'runId' | 'about'>,
): Promise<PullReport> {
  const { signal, release } = followed(context.signal)
  const own = { ...context, signal }
  const sessions = new Map<string, Session>()
  const request = { selection: asked.selection, listener, whenWritable }
  const openAction: HostRequest<PullJob>['openAction'] = (job, frame) => openPull(job, frame)
  try {
    const place = askedSink.type === 's3' ? await toS3(own, askedSink, listener) : toThisMachine(askedSink)
    const host = verbHost<PullJob>(own, {
      ...request,
      scope: place.scope,
      openAction,
      onOpened(label, session, bucket) {
        sessions.set(label, session)
        place.onOpened?.(label, session, bucket)
      },
    })
    const openBucket: typeof host.openBucket = async (assignment) => {
      const bucket = await host.openBucket(assignment)
      const keys = await sessions.get(assignment.account)?.current()
      if (keys?.expiresAtMs !== undefined) onSession(assignment.account, keys.expiresAtMs)
      return bucket
    }
    const { bucket } = context.config.trail
    return await pull(
      { ...asked, ...head, bucket, sink: place.sink, sweepEveryMs: defaultSweepEveryMs, nowMs: Date.now },
      { ...host, openBucket },
    )
  } finally {
    release()
  }
}

/** Where one pull puts its logs, and what it needs for that. */
interface PullPlace extends Pick<HostRequest<unknown>, 'onOpened'> {
  readonly sink: SinkChoice
  /** What the sessions that read are narrowed to. */
  readonly scope: SessionScope
}

async function toS3(context: Context, asked: CopyGoal, listener: RunListener): Promise<PullPlace> {
  const { to, scope, openWriter, onOpened, sidesOf } = copyEnds(context, asked, listener)
  await openWriter()
  return { sink: { type: 's3', to, sidesOf }, scope, onOpened }
}

function toThisMachine(sink: SinkChoice): PullPlace {
  return { sink, scope: { verb: 'download' } }
}

/** A signal that follows another and can be let go of, so that nothing of a run hangs on the process's own. */
function followed(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const stop = () => controller.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', stop) }
}
