import { accountsByLabel } from '../../config/account-labels.ts'
import type { Bucket } from '../../s3/bucket.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import { hourMs } from '../../trail/calendar.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import { Limits } from '../../work/limits.ts'
import type { ReadingAccount } from '../../work/assignment.ts'
import type { FoundPlace, PlanRequest } from '../../work/plan.ts'
import type { RunListener } from '../../work/run-event.ts'
import { runInBucket } from '../../work/run.ts'
import type { SliceWorker } from '../../work/slice-worker.ts'
import type { Host } from '../host.ts'
import { accessTrail, type TrailAccess } from '../trail-access.ts'
import { bucketPlace } from './bucket-place.ts'
import { type ReadDigest, signingSpan } from './check-digest.ts'
import { DeliveryPlaces, placeText } from './delivery-places.ts'
import { firstDigestsMs } from './first-digests.ts'
import { type AskForKeys, KeyRing } from './key-ring.ts'
import { readKeysFile, refuseUnwritable, writeKeysFile } from './keys-on-disk.ts'
import { movedFromPlace } from './moved-from.ts'
import type { KeepPlace } from './keep-evidence.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice, VerifyPlace } from './place.ts'
import { planStreams } from './plan-streams.ts'
import { openVerify, type VerifyJob } from './read-log.ts'
import type { VerifyReport } from './report.ts'
import { type RulesContext, rulesOf } from './stream-rules.ts'
import { readStreams, type SourceRules } from './stream-source.ts'
import { Verification } from './verification.ts'
import type { WrittenFolder } from './written-file.ts'

/** Streams at a time: each holds up to a page of logs of each kind. */
const streamsAtATime = 16

/** Verifies the bucket through the sessions of accounts. An account that fails does not stop the others. */
export async function verifyBucket(options: VerifyOptions, host: Host, keep?: KeepPlace): Promise<VerifyReport> {
  const { selection } = options
  const access = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  return verifyThrough(access, { ...access.request, options, streams: selectedStreams(options), keep }, host)
}

/** The streams of a run, and what to verify of each. */
export interface BucketStreams<S extends StreamSlice> {
  /** Plans the streams of one account. */
  readonly plan: (request: PlanRequest, place: VerifyPlace) => Promise<readonly S[]>
  readonly rulesOf: (stream: S, context: RulesContext) => SourceRules
  /** Called when a stream was verified to its end. */
  readonly onVerified?: ((stream: S) => Promise<void>) | undefined
  /** Whether a run that finds neither digests nor logs is in order. */
  readonly mayBeEmpty?: boolean | undefined
}

export interface BucketRun<S extends StreamSlice> {
  readonly options: Omit<VerifyOptions, 'dirs'>
  readonly accounts: readonly ReadingAccount[]
  readonly streams: BucketStreams<S>
  readonly listener: RunListener
  /** Where another run has just written the logs to. */
  readonly written?: WrittenFolder | undefined
  /** Keeps what is read, as evidence. */
  readonly keep?: KeepPlace | undefined
}

/** The streams that a selection names, in its window. */
export function selectedStreams({ selection }: Pick<VerifyOptions, 'selection'>): BucketStreams<StreamSlice> {
  return {
    plan: (request) => planStreams(request, selection.kinds),
    rulesOf: (_stream, context) => rulesOf(selection, context),
  }
}

/** Verifies streams of the bucket through sessions that another run may have opened. */
export async function verifyThrough<S extends StreamSlice>(
  { request, keysOf }: TrailAccess,
  { options, streams, written, keep, ...run }: BucketRun<S>,
  host: Host,
): Promise<VerifyReport> {
  const { selection, keysFile, saveKeys, movedFrom, maxInflatedBytes, onResult, whenWritable } = options
  const { config, nowMs } = host
  if (saveKeys !== undefined) refuseUnwritable(saveKeys)
  const places = new DeliveryPlaces(movedFrom.map(movedFromPlace))
  const ring = new KeyRing(keysFile === undefined ? undefined : readKeysFile(keysFile))
  const base = logsBase(config.trail)
  const here = placeText({ bucket: config.trail.bucket, base })
  const keeping = keep?.({ where: here, bucket: config.trail.bucket, nameOf: (key) => key, keys: ring.keys })
  const verification = new Verification({
    nowMs,
    places,
    where: here,
    isMoved: (place) => place !== here && !config.trail.bucket.endsWith('-s3alias'),
    mayBeEmpty: streams.mayBeEmpty,
    onResult,
  })
  const accounts = accountsByLabel(config, selection.accounts)
  const askAs =
    (label: string): AskForKeys =>
    (query) => {
      const account = accounts.find((each) => each.label === label)
      if (account === undefined) throw new Error(`no account ${label}`)
      return host.publicKeys(account, keysOf(label), query)
    }
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') verification.outcome(event.outcome)
    run.listener(event)
  }
  const context = { nowMs, keys: ring.keys, places, base }
  let onFound: (place: FoundPlace) => void = () => undefined
  let place: VerifyPlace | undefined
  const report = await runInBucket<Bucket, S>({
    ...request,
    accounts: run.accounts,
    selection,
    sorted: false,
    split: false,
    listener,
    async plan(planning) {
      onFound = planning.onFound ?? onFound
      if (place === undefined) throw new Error('the worker starts before anything is planned')
      const all = await streams.plan(planning, place)
      const ask = askAs(planning.assignment.account)
      const refused = await refusedRegions(all, (region) => {
        const spans = all.filter((stream) => stream.region === region)
        return ring.need({ region, ...keySpan(spans, streams, context) }, ask)
      })
      for (const [region, error] of refused) {
        const stream = all.find((each) => each.region === region)
        if (stream !== undefined) planning.onFailed(stream.logAccount, error)
      }
      return all.filter(({ region }) => !refused.has(region))
    },
    startWorker(frame) {
      const { signal, onFatal } = frame
      const read = bucketPlace({ trail: config.trail, ...frame, onFound: (found) => onFound(found) })
      place = read
      const job: VerifyJob = { verb: 'verify', files: false, written, maxInflatedBytes }
      const worker = host.workFrom<VerifyJob, Bucket, S>(frame, {
        job,
        open: (asked, tools) => openVerify(asked, tools, keeping?.log),
        threads: keeping?.log === undefined,
        limits: new Limits({}),
        keysOf,
        whenWritable,
        listings: streamsAtATime,
        source: {
          plan: () => Promise.resolve([]),
          read: readStreams({
            place: read,
            rulesOf: (stream: S) => streams.rulesOf(stream, context),
            verification,
            needKeys: (stream, digest) => needForBackfill(digest, ring, askAs(stream.account), nowMs),
            keepDigest: keeping?.digest,
            listener: frame.listener,
            whenWritable,
            signal,
            onFatal,
          }),
        },
      })
      return followed(worker, signal, streams.onVerified)
    },
  })
  const whole = verification.report(report)
  if (saveKeys !== undefined && ring.keys.all.length > 0) writeKeysFile(saveKeys, ring.keys.all)
  return whole
}

/** Calls `onVerified` when each log of a stream was compared. */
function followed<S extends StreamSlice>(
  worker: SliceWorker<S>,
  signal: AbortSignal,
  onVerified: BucketStreams<S>['onVerified'],
): SliceWorker<S> {
  if (onVerified === undefined) return worker
  return {
    capacity: worker.capacity,
    async run(stream, exchange) {
      await worker.run(stream, exchange)
      // A stream that was interrupted resolves, too.
      if (!signal.aborted) await onVerified(stream)
    },
    close: () => worker.close(),
  }
}

/** The time in which the keys of the digests of some streams were valid. */
function keySpan<S extends StreamSlice>(of: readonly S[], { rulesOf: rules }: BucketStreams<S>, context: RulesContext) {
  const windows = of.flatMap((stream) => {
    const { window, logWindow = window, digestsFromMs } = rules(stream, context)
    return digestsFromMs === undefined ? [window, logWindow] : [window, logWindow, { fromMs: digestsFromMs }]
  })
  const { nowMs } = context
  const fromMs = Math.min(...windows.map((window) => window.fromMs ?? firstDigestsMs))
  const toMs = Math.max(...windows.map((window) => window.toMs ?? nowMs))
  return { fromMs, toMs: Math.max(fromMs, Math.min(toMs, nowMs)) }
}

/** Gets the keys of all regions. Returns the regions that are not enabled for the caller. Throws every other error, which is one for all. */
async function refusedRegions(
  streams: readonly StreamSlice[],
  need: (region: string) => Promise<void>,
): Promise<ReadonlyMap<string, CrosstrailError>> {
  const refused = new Map<string, CrosstrailError>()
  await Promise.all(
    [...new Set(streams.map(({ region }) => region))].map(async (region) => {
      try {
        await need(region)
      } catch (error) {
        if (!hasCode(error, 'access.region-not-enabled')) throw error
        refused.set(region, error)
      }
    }),
  )
  return refused
}

/** A backfill digest is signed long after its period, when other keys are valid. */
async function needForBackfill(digest: ReadDigest, ring: KeyRing, ask: AskForKeys, nowMs: number): Promise<void> {
  if (digest.digest === undefined || digest.backfillGeneratedMs === undefined) return
  const [fromMs, toMs] = signingSpan(digest, digest.digest)
  // Anybody could write another time into the metadata.
  if (fromMs < firstDigestsMs || toMs > nowMs + hourMs) return
  await ring.need({ region: digest.parts.region, fromMs, toMs }, ask)
}
