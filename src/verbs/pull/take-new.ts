import { CrosstrailError } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { formatInstant } from '../../trail/time.ts'
import { type Journal, stoppedBy } from '../../work/journal.ts'
import { keyFilter } from '../../work/key-filter.ts'
import { missingCode, missingText } from '../../work/named-places.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { RunEvent, RunListener, RunReport } from '../../work/run-event.ts'
import { run, type WorkerFrame } from '../../work/run.ts'
import type { SliceWorker } from '../../work/slice-worker.ts'
import { checkDigests, type DigestPlaces } from './check-digests.ts'
import type { Coverage } from './coverage.ts'
import { findingsOf } from './findings.ts'
import { followed, pullAction } from './pull-action.ts'
import { withQueueFindings } from './queue/findings.ts'
import { comparing } from './queue/compare.ts'
import type { Heard } from './queue/heard.ts'
import { type Finder, listen } from './queue/listen.ts'
import type { PullQueue } from './queue/options.ts'
import { twinOf, withoutTwins } from './queue/twin-of.ts'
import { planPull, planStreams } from './stream-plan.ts'
import type { VerifyReport } from '../verify/report.ts'
import { verifyDue, type VerifyStreams } from './verify-due.ts'
import { PullProgress } from './coverage-progress.ts'
import type { Finding, PullReport, StreamName } from './report.ts'
import type { PullRequest } from './request.ts'
import type { SinkChoice } from '../../sinks/open-sink.ts'
import type { ObjectReader, Sink } from '../../sinks/sink.ts'
import type { TrailLayout } from '../../trail/trail.ts'
import type { Source, SourceSlice } from '../../work/source.ts'
import type { Assignment, ReadingAccount } from '../../work/assignment.ts'
import type { Listing } from '../../work/plan.ts'
import type { StreamCoverage } from './stream-coverage.ts'

/** What to do with new objects. Plain data. */
export interface PullJob {
  readonly verb: 'pull'
  readonly sink: SinkChoice
  readonly root: string
  readonly lookBackMs: number
}

export type PullSignals = Pick<WorkerFrame, 'signal' | 'actSignal'>

export interface PullHost<B extends Listing & ObjectReader & Finder> {
  readonly layout: TrailLayout
  readonly accounts: readonly ReadingAccount[]
  readonly openBucket: (assignment: Assignment) => Promise<B>
  /** Starts a worker that takes slices. `open` makes its action from the job. */
  readonly startWorker: (
    frame: WorkerFrame<B>,
    job: PullJob,
    open: (job: PullJob, signals: PullSignals) => ObjectAction<ObjectReader>,
  ) => SliceWorker
  /** The same for objects that another source gives. */
  readonly startQueueWorker: (
    frame: WorkerFrame<B>,
    job: PullJob,
    open: (job: PullJob, signals: PullSignals) => ObjectAction<ObjectReader, unknown, SourceSlice>,
    source: Source<SourceSlice>,
  ) => SliceWorker<SourceSlice>
  /** Verifies streams of the bucket after the run of this report. Undefined if the pull does not verify. */
  readonly verify?: ((report: RunReport) => VerifyStreams) | undefined
  readonly listener: RunListener
  readonly signal: AbortSignal
}

export type PullRunRequest = Pick<
  PullRequest,
  'selection' | 'lookBackMs' | 'sweepMs' | 'sweepEveryMs' | 'verifyLocal' | 'maxLagMs' | 'nowMs' | 'queue'
>

/** The target of a pull: its coverage, journal and sink. */
export interface PullTarget {
  readonly coverage: Coverage
  readonly firstRun: boolean
  readonly save: (body: string) => Promise<void> | void
  /** Stores when streams were listed to their end; need not survive a power cut. Returns when a stream was last listed by any pull. */
  readonly keepListed: (streams: ReadonlyMap<StreamCoverage, number>) => (stream: StreamName) => number | undefined
  readonly openSink: (job: PullJob, signals: PullSignals, memory: unknown) => Sink
  readonly job: PullJob
  /** Coverage is also written after this many objects. */
  readonly objectsPerCommit?: number | undefined
  /** Opens the journal. Called only if there is something to write. */
  readonly journal: () => Journal
}

const usualObjectsPerCommit = 5000

export async function runPull<B extends Listing & ObjectReader & Finder>(
  request: PullRunRequest,
  host: PullHost<B>,
  target: PullTarget,
): Promise<PullReport> {
  const { coverage } = target
  const rules = { sinceMs: coverage.sinceMs, lookBackMs: request.lookBackMs, sweepMs: request.sweepMs }
  const plan = planPull(coverage, { ...request, accounts: host.accounts, nowMs: request.nowMs() })
  const { selection } = request
  const before = new Map(coverage.streams.map((stream) => [stream, { objects: stream.objects, bytes: stream.bytes }]))
  const places: DigestPlaces = { readers: new Map(), listings: new Map() }
  let journal: Journal | undefined
  let sink: Sink | undefined
  let onFatal: (error: unknown) => void = () => undefined

  const progress = new PullProgress({
    coverage,
    rules,
    flush: async () => {
      try {
        return sink === undefined ? coverage.sink : await sink.flush()
      } catch (error) {
        onFatal(error)
        throw error
      }
    },
    save: async (body) => {
      try {
        await target.save(body)
      } catch (error) {
        onFatal(error)
        throw error
      }
    },
    committed: async () => {
      try {
        await sink?.committed?.()
      } catch (error) {
        onFatal(error)
        throw error
      }
    },
    objectsPerCommit: target.objectsPerCommit ?? usualObjectsPerCommit,
    nowMs: request.nowMs,
    onFuture: (object, presentMs) => host.listener(futureNote(object, presentMs)),
  })
  const listener: RunListener = (event) => {
    if (event.type === 'listed' && event.answeredAtMs !== undefined) progress.answered(event.answeredAtMs)
    if (event.type === 'outcome') {
      progress.outcome(event.outcome)
      if (isWorthALine(event.outcome)) (journal ??= target.journal()).add(event.outcome)
    }
    // A missing name is reported as a finding instead.
    if (event.type !== 'note' || event.code !== missingCode) host.listener(event)
  }
  const open = (job: PullJob, signals: PullSignals): ObjectAction<ObjectReader> => {
    sink = target.openSink(job, signals, coverage.sink)
    return pullAction(sink, progress, places, request.verifyLocal)
  }
  // Saves the start of the first run at once: it must not move if the run is killed.
  if (target.firstRun) await progress.commit(true)
  const openBucket = async (assignment: Assignment): Promise<B> => {
    const bucket = await host.openBucket(assignment)
    places.listings.set(assignment.account, bucket)
    return bucket
  }
  const shared = { layout: host.layout, accounts: host.accounts, selection, signal: host.signal, openBucket }
  const { queue } = request
  const listensTo = queue?.mode === 'listen' ? queue : undefined
  const list = () =>
    run({
      ...shared,
      sorted: false,
      split: false,
      listener: queue === undefined ? listener : comparing(listener, queue),
      plan: (planning) => planStreams(planning, coverage, rules, plan),
      startWorker: (frame) => {
        ;({ onFatal } = frame)
        return followed(host.startWorker(frame, target.job, open), progress, frame)
      },
    })
  const hear = async (to: PullQueue): Promise<RunReport> => {
    const ended = await listen({
      ...shared,
      listener,
      queue: to,
      bucket: coverage.trail.bucket,
      progress,
      twinOf: (placed) => twinOf(sink, placed, host.layout),
      startWorker: (frame, source) => {
        ;({ onFatal } = frame)
        return host.startQueueWorker(frame, target.job, (...given) => withoutTwins(open(...given)), source)
      },
    })
    ;({ heard } = ended)
    return ended.report
  }
  let heard: Heard | undefined
  const report = await (listensTo === undefined ? list() : hear(listensTo)).catch(async (error: unknown) => {
    journal?.abandon()
    await sink?.close()
    throw error
  })
  const isWhole = report.accounts.every(({ error, unlisted }) => error === undefined && unlisted === 0)
  const ended = isWhole && !report.interrupted && report.error === undefined && listensTo === undefined
  if (ended && plan.discover) coverage.discovered = { atMs: request.nowMs(), scope: plan.scope }
  for (const { account, error } of report.accounts) {
    // A refusal comes fast. An account that cannot be reached is not asked again for each digest.
    if (error !== undefined && !error.code.startsWith('access.')) {
      places.readers.delete(account)
      places.listings.delete(account)
    }
  }
  const filter = keyFilter(selection)
  const isPulled = (log: StreamName, key: string) => plan.pulls(log) && filter(key)
  let failure: CrosstrailError | undefined
  const keep = (error: unknown): void => {
    if (!(error instanceof CrosstrailError)) throw error
    failure ??= error
  }
  let verified: VerifyReport | undefined
  const verify = listensTo === undefined ? host.verify : undefined
  try {
    const isUnflushed = sink?.finish?.() === true
    await progress.commit(isUnflushed || (ended && plan.discover))
    if (verify !== undefined) {
      verified = await verifyDue({
        coverage,
        selection,
        verify: verify(report),
        save: () => progress.commit(true),
        nowMs: request.nowMs(),
      })
    } else if (
      listensTo === undefined &&
      !report.interrupted &&
      report.error === undefined &&
      (await checkDigests(coverage, rules, places, { ...host, isPulled }))
    )
      await progress.commit(true)
  } catch (error) {
    keep(error)
  }
  let lastListed: (stream: StreamName) => number | undefined = () => undefined
  try {
    lastListed = target.keepListed(progress.listed)
  } catch (error) {
    keep(error)
  }
  await sink?.close()
  try {
    journal?.close(report.total, report.interrupted, stoppedBy(report))
  } catch (error) {
    keep(error)
  }
  const nowMs = request.nowMs()
  const none = { objects: 0, bytes: 0 }
  const streams = coverage.streams.map((stream) => ({
    ...stream.status(nowMs, before.get(stream) ?? none),
    lastListedMs: lastListed(stream.name),
    verifiedUntilMs: coverage.verified.of(stream.name),
  }))
  const findings: Finding[] = [
    ...(report.missing ?? []).map((name) => ({ code: 'pull.not-in-bucket', message: missingText(name) }) as const),
    ...findingsOf(
      coverage.streams.filter(({ name }) => plan.pulls(name)),
      {
        nowMs,
        maxLagMs: request.maxLagMs,
        wasListed: (stream) => progress.wasListed(stream),
        isVerified: host.verify !== undefined,
      },
    ),
  ]
  return {
    ...report,
    accounts: report.accounts.map((account) => ({
      ...account,
      error: account.error ?? verified?.accounts.find((each) => each.account === account.account)?.error,
    })),
    interrupted: report.interrupted || verified?.interrupted === true,
    error: report.error ?? failure ?? verified?.error,
    verified,
    journalFile: journal?.file,
    streams,
    sweep: plan.sweep && listensTo === undefined,
    firstRun: target.firstRun,
    sinceMs: coverage.sinceMs,
    findings: queue === undefined ? findings : withQueueFindings(findings, queue, nowMs),
    heard,
  }
}

function futureNote({ key, lastModifiedMs }: LogObject, presentMs: number): RunEvent {
  return {
    type: 'note',
    level: 'warning',
    code: 'pull.future-date',
    message: `${key} has the date ${formatInstant(lastModifiedMs)}, but the store's clock says ${formatInstant(presentMs)}: pull treats the log as new now`,
  }
}

/** Skips that repeat in every pull would only fill the disk with journals. */
function isWorthALine(outcome: Outcome): boolean {
  return outcome.status !== 'skipped' || !['covered', 'foreign', 'unselected'].includes(outcome.reason)
}
