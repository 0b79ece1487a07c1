import { setMaxListeners } from 'node:events'
import { folderPath } from '../../config/place-text.ts'
import type { Session } from '../../identity/session.ts'
import type { Bucket } from '../../s3/bucket.ts'
import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import { dayMs } from '../../trail/calendar.ts'
import { keyFilter } from '../../work/key-filter.ts'
import { Limits } from '../../work/limits.ts'
import type { CopyDestination } from '../../sinks/bucket/destination.ts'
import type { SinkChoice } from '../../sinks/open-sink.ts'
import { loadDuckdb } from '../../sinks/parquet/duckdb.ts'
import { openGoal } from '../copy/open-goal.ts'
import { openDatasetGoal } from '../dataset-goal.ts'
import type { Host } from '../host.ts'
import { runHead } from '../run-head.ts'
import { accessTrail, type TrailAccess } from '../trail-access.ts'
import type { VerifyResult } from '../verify/result.ts'
import { type PullOptions } from './options.ts'
import { pullToTarget } from './pull-to-target.ts'
import type { PullReport } from './report.ts'
import { defaultSweepEveryMs } from './stream-plan.ts'
import type { PullHost } from './take-new.ts'

/**
 * Runs one pull. It opens new sessions, so a process that runs for months behaves like one that is started for each pull: one AssumeRole
 * for each account and hop, and keys that do not get old.
 */
export async function pullLogs(options: PullOptions, base: Host): Promise<PullReport> {
  const { signal, release } = followed(base.signal)
  try {
    return await pullOnce(options, { ...base, signal })
  } finally {
    release()
  }
}

async function pullOnce(options: PullOptions, host: Host): Promise<PullReport> {
  const { selection, sink, whenWritable, onSession, sinceMs = host.nowMs - dayMs } = options
  folderPath()(options.to, 'to')
  // What cannot be written must not be fetched first.
  if (sink.type === 'parquet') await loadDuckdb()
  const dataset =
    sink.type === 'parquet' && sink.bucket !== undefined
      ? openDatasetGoal(host, sink.bucket, selection.accounts)
      : undefined
  const goal = sink.type === 's3' ? openGoal(host, sink) : dataset
  const onOpened = async (label: string, session: Session, bucket: Bucket) => {
    goal?.ends.opened(label, session, bucket)
    const { expiresAtMs } = await session.current()
    if (expiresAtMs !== undefined) onSession?.(label, expiresAtMs)
  }
  const access = accessTrail(host, { accounts: selection.accounts, rights: host.rights, onOpened })
  const { request, keysOf } = access
  const verify = options.verify ? await verifier(options, access, host) : undefined
  await goal?.openWriter()
  const slices = { limits: new Limits({}), filter: keyFilter(selection), keysOf, whenWritable }
  return pullToTarget(
    {
      ...options,
      ...runHead(host),
      sink: sinkChoice(sink, goal?.to),
      sidesOf: (account) => inBucket(goal).ends.of(account),
      openSide: () => inBucket(dataset).openSide(),
      sinceMs,
      bucket: host.config.trail.bucket,
      sweepEveryMs: defaultSweepEveryMs,
      nowMs: Date.now,
    },
    {
      ...request,
      verify,
      startWorker: (frame, job, open) => host.work(frame, { ...slices, job, open }),
      startQueueWorker: (frame, job, open, source) =>
        host.workFrom(frame, { ...slices, job, open, source, listings: request.accounts.length, lasting: true }),
    },
  )
}

/** Throws `usage.…` and `config.public-key` before anything is taken that could not be verified. */
async function verifier(options: PullOptions, access: TrailAccess, host: Host): Promise<PullHost<Bucket>['verify']> {
  const { refuseUnusableKeys, verifyTaken } = await import('../verify/verify-taken.ts')
  const { keysFile, movedFrom, sink, to, whenWritable } = options
  refuseUnusableKeys({ keysFile, movedFrom })
  const selection = { ...options.selection, window: {} }
  const isFolder = sink.type === 'folder'
  const written = isFolder ? { root: to, layout: 'key' as const, decompress: sink.decompress } : undefined
  const maxInflatedBytes = 'maxInflatedBytes' in sink ? sink.maxInflatedBytes : defaultMaxInflatedBytes
  return (report) => (streams, onPullResult) => {
    const onResult = (result: VerifyResult) => {
      onPullResult(result)
      options.onResult?.(result)
    }
    const asked = { selection, keysFile, movedFrom, maxInflatedBytes, onResult, whenWritable }
    return verifyTaken({ access, report, written }, asked, host, streams)
  }
}

/** Returns what the job says about the sink: plain data, without the options of its bucket. */
function sinkChoice(sink: PullOptions['sink'], to: CopyDestination | undefined): SinkChoice {
  switch (sink.type) {
    case 's3':
      return { type: 's3', to: inBucket(to) }
    case 'parquet': {
      const { bucket: _, ...options } = sink
      return { ...options, to }
    }
    default:
      return sink
  }
}

function inBucket<T>(goal: T | undefined): T {
  if (goal === undefined) throw new Error('only a sink in a bucket has a goal')
  return goal
}

/** Returns a signal that follows another until `release`, so that no listener of a run stays on the process's signal. */
function followed(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const stop = () => controller.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', stop) }
}
