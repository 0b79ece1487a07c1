import { accountsByLabel } from '../../config/account-labels.ts'
import { type CrosstrailError, hasCode } from '../../error.ts'
import type { Session } from '../../identity/session.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { hourMs } from '../../trail/calendar.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import type { FoundPlace, Listing, PlanRequest } from '../../work/plan.ts'
import type { WorkerFrame } from '../../work/run.ts'
import type { Source } from '../../work/source.ts'
import type { Host } from '../host.ts'
import { bucketPlace } from './bucket-place.ts'
import type { BucketStreams } from './bucket-streams.ts'
import { type ReadDigest, signingSpan } from './check-digest.ts'
import { DeliveryPlaces, placeText } from './delivery-places.ts'
import { firstDigestsMs } from './first-digests.ts'
import type { Keeping, KeepPlace } from './keep-evidence.ts'
import { type AskForKeys, KeyRing } from './key-ring.ts'
import { readKeysFile } from './keys-on-disk.ts'
import { movedFromPlace } from './moved-from.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice, VerifyPlace } from './place.ts'
import type { PublicKeys } from './public-keys.ts'
import type { RulesContext } from './stream-rules.ts'
import { readStreams, type StreamGiver } from './stream-source.ts'
import { Verification } from './verification.ts'

/** Streams at a time: each holds up to a page of logs of each kind. */
export const streamsAtATime = 16

export interface BucketVerificationOptions<S extends StreamSlice> extends Pick<
  VerifyOptions,
  'selection' | 'keysFile' | 'movedFrom' | 'onResult'
> {
  readonly streams: BucketStreams<S>
  /** Keeps what is read, as evidence. */
  readonly keep?: KeepPlace | undefined
}

export interface StreamReading {
  readonly bucketOf: (account: string) => Listing & ObjectReader
  /** Changes what the streams are read from. */
  readonly placed?: ((place: VerifyPlace) => VerifyPlace) | undefined
  readonly giver?: StreamGiver | undefined
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

/** The parts of a run that verifies the trail's bucket. */
export interface BucketVerification<S extends StreamSlice = StreamSlice> {
  readonly verification: Verification
  /** The public keys so far. */
  readonly keys: PublicKeys
  readonly keeping: Keeping | undefined
  /** Plans the streams of an account, and gets the public keys of their regions. The source must exist already. */
  readonly plan: (planning: PlanRequest) => Promise<S[]>
  readonly source: (
    frame: Pick<WorkerFrame<never>, 'listener' | 'signal' | 'onFatal'>,
    reading: StreamReading,
  ) => Source<S>
}

/** `keysOf` returns the session of an account that is open. Throws `config.public-key`, `usage.…`. Sends nothing. */
export function openBucketVerification<S extends StreamSlice>(
  { selection, keysFile, movedFrom, onResult, streams, keep }: BucketVerificationOptions<S>,
  host: Host,
  keysOf: (account: string) => Session,
): BucketVerification<S> {
  const { config, nowMs } = host
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
  const context = { nowMs, keys: ring.keys, places, base }
  let onFound: (place: FoundPlace) => void = () => undefined
  let place: VerifyPlace | undefined
  return {
    verification,
    keys: ring.keys,
    keeping,
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
    source({ listener, signal, onFatal }, { bucketOf, placed = (of) => of, giver, whenWritable }) {
      const read = placed(
        bucketPlace({ trail: config.trail, bucketOf, listener, onFound: (found) => onFound(found), signal }),
      )
      place = read
      return {
        plan: () => Promise.resolve([]),
        read: readStreams({
          place: read,
          rulesOf: (stream: S) => streams.rulesOf(stream, context),
          verification,
          needKeys: (stream, digest) => needForBackfill(digest, ring, askAs(stream.account), nowMs),
          keepDigest: keeping?.digest,
          giver,
          listener,
          whenWritable,
          signal,
          onFatal,
        }),
      }
    },
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
