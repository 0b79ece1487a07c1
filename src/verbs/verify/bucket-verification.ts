import { accountsByLabel } from '../../config/account-labels.ts'
import { type CrosstrailError, hasCode } from '../../error.ts'
import type { Session } from '../../identity/session.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { hourMs } from '../../trail/calendar.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import type { Kind } from '../../trail/kind.ts'
import type { FoundPlace, Listing, PlanRequest } from '../../work/plan.ts'
import type { WorkerFrame } from '../../work/run.ts'
import type { Source } from '../../work/source.ts'
import type { Host } from '../host.ts'
import { bucketPlace } from './bucket-place.ts'
import { type ReadDigest, signingSpan } from './check-digest.ts'
import { DeliveryPlaces, placeText } from './delivery-places.ts'
import { type AskForKeys, KeyRing } from './key-ring.ts'
import { readKeysFile } from './keys-on-disk.ts'
import { movedFromPlace } from './moved-from.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice, VerifyPlace } from './place.ts'
import { planStreams } from './plan-streams.ts'
import type { PublicKeys } from './public-keys.ts'
import { rulesOf } from './stream-rules.ts'
import { readStreams, type StreamGiver } from './stream-source.ts'
import { Verification } from './verification.ts'

/** Streams at a time: each holds up to a page of logs of each kind. */
export const streamsAtATime = 16
/** Digests exist since then. */
const firstDigestsMs = Date.UTC(2015, 8, 1)

export interface StreamReading {
  readonly bucketOf: (account: string) => Listing & ObjectReader
  /** Changes what the streams are read from. */
  readonly placed?: ((place: VerifyPlace) => VerifyPlace) | undefined
  readonly giver?: StreamGiver | undefined
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

/** The parts of a run that verifies the trail's bucket. */
export interface BucketVerification {
  readonly verification: Verification
  /** The public keys so far. */
  readonly keys: PublicKeys
  /** Plans the streams of an account that have logs of these kinds, and gets the public keys of their regions. No kinds means all. */
  readonly plan: (planning: PlanRequest, kinds: readonly Kind[]) => Promise<StreamSlice[]>
  readonly source: (
    frame: Pick<WorkerFrame<never>, 'listener' | 'signal' | 'onFatal'>,
    reading: StreamReading,
  ) => Source<StreamSlice>
}

/** `keysOf` returns the session of an account that is open. Throws `config.public-key`, `usage.…`. Sends nothing. */
export function openBucketVerification(
  {
    selection,
    keysFile,
    movedFrom,
    onResult,
  }: Pick<VerifyOptions, 'selection' | 'keysFile' | 'movedFrom' | 'onResult'>,
  host: Host,
  keysOf: (account: string) => Session,
): BucketVerification {
  const { config, nowMs } = host
  const places = new DeliveryPlaces(movedFrom.map(movedFromPlace))
  const ring = new KeyRing(keysFile === undefined ? undefined : readKeysFile(keysFile))
  const base = logsBase(config.trail)
  const here = placeText({ bucket: config.trail.bucket, base })
  const verification = new Verification({
    nowMs,
    places,
    where: here,
    isMoved: (place) => place !== here && !config.trail.bucket.endsWith('-s3alias'),
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
  const { fromMs = firstDigestsMs, toMs = nowMs } = selection.window
  const keySpan = { fromMs, toMs: Math.max(fromMs, Math.min(toMs, nowMs)) }
  let onFound: (place: FoundPlace) => void = () => undefined
  return {
    verification,
    keys: ring.keys,
    async plan(planning, kinds) {
      onFound = planning.onFound ?? onFound
      const streams = await planStreams(planning, kinds)
      const ask = askAs(planning.assignment.account)
      const refused = await refusedRegions(streams, (region) => ring.need({ region, ...keySpan }, ask))
      for (const [region, error] of refused) {
        const stream = streams.find((each) => each.region === region)
        if (stream !== undefined) planning.onFailed(stream.logAccount, error)
      }
      return streams.filter(({ region }) => !refused.has(region))
    },
    source({ listener, signal, onFatal }, { bucketOf, placed = (place) => place, giver, whenWritable }) {
      const place = bucketPlace({
        trail: config.trail,
        bucketOf,
        listener,
        onFound: (found) => onFound(found),
        signal,
      })
      return {
        plan: () => Promise.resolve([]),
        read: readStreams({
          place: placed(place),
          rules: rulesOf(selection, { nowMs, keys: ring.keys, places, base }),
          verification,
          needKeys: (stream, digest) => needForBackfill(digest, ring, askAs(stream.account), nowMs),
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
