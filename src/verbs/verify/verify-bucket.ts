import { accountsByLabel } from '../../config/account-labels.ts'
import type { Bucket } from '../../s3/bucket.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import { hourMs } from '../../trail/calendar.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import { Limits } from '../../work/limits.ts'
import type { FoundPlace } from '../../work/plan.ts'
import type { RunListener } from '../../work/run-event.ts'
import { runInBucket } from '../../work/run.ts'
import type { Host } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import { bucketPlace } from './bucket-place.ts'
import { type ReadDigest, signingSpan } from './check-digest.ts'
import { DeliveryPlaces, placeText } from './delivery-places.ts'
import { firstDigestsMs } from './first-digests.ts'
import { type AskForKeys, KeyRing } from './key-ring.ts'
import { readKeysFile, refuseUnwritable, writeKeysFile } from './keys-on-disk.ts'
import { movedFromPlace } from './moved-from.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice } from './place.ts'
import { planStreams } from './plan-streams.ts'
import { openVerify, type VerifyJob } from './read-log.ts'
import type { VerifyReport } from './report.ts'
import { rulesOf } from './stream-rules.ts'
import { readStreams } from './stream-source.ts'
import { Verification } from './verification.ts'

/** Streams at a time: each holds up to a page of logs of each kind. */
const streamsAtATime = 16

/** Verifies the bucket through the sessions of accounts. An account that fails does not stop the others. */
export async function verifyBucket(options: VerifyOptions, host: Host): Promise<VerifyReport> {
  const { selection, keysFile, saveKeys, movedFrom, maxInflatedBytes, onResult, whenWritable } = options
  const { config, nowMs } = host
  if (saveKeys !== undefined) refuseUnwritable(saveKeys)
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
  const { request, keysOf } = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  const askAs =
    (label: string): AskForKeys =>
    (query) => {
      const account = accounts.find((each) => each.label === label)
      if (account === undefined) throw new Error(`no account ${label}`)
      return host.publicKeys(account, keysOf(label), query)
    }
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') verification.outcome(event.outcome)
    request.listener(event)
  }
  const { fromMs = firstDigestsMs, toMs = nowMs } = selection.window
  const keySpan = { fromMs, toMs: Math.max(fromMs, Math.min(toMs, nowMs)) }
  let onFound: (place: FoundPlace) => void = () => undefined
  const report = await runInBucket<Bucket, StreamSlice>({
    ...request,
    selection,
    sorted: false,
    split: false,
    listener,
    async plan(planning) {
      onFound = planning.onFound ?? onFound
      const streams = await planStreams(planning, selection.kinds)
      const ask = askAs(planning.assignment.account)
      const refused = await refusedRegions(streams, (region) => ring.need({ region, ...keySpan }, ask))
      for (const [region, error] of refused) {
        const stream = streams.find((each) => each.region === region)
        if (stream !== undefined) planning.onFailed(stream.logAccount, error)
      }
      return streams.filter(({ region }) => !refused.has(region))
    },
    startWorker(frame) {
      const { signal, onFatal } = frame
      const place = bucketPlace({ trail: config.trail, ...frame, onFound: (found) => onFound(found) })
      const job: VerifyJob = { verb: 'verify', files: false, maxInflatedBytes }
      return host.workFrom(frame, {
        job,
        open: openVerify,
        threads: true,
        limits: new Limits({}),
        keysOf,
        whenWritable,
        listings: streamsAtATime,
        source: {
          plan: () => Promise.resolve([]),
          read: readStreams({
            place,
            rules: rulesOf(selection, { nowMs, keys: ring.keys, places, base }),
            verification,
            needKeys: (stream, digest) => needForBackfill(digest, ring, askAs(stream.account), nowMs),
            listener: frame.listener,
            whenWritable,
            signal,
            onFatal,
          }),
        },
      })
    },
  })
  const whole = verification.report(report)
  if (saveKeys !== undefined && ring.keys.all.length > 0) writeKeysFile(saveKeys, ring.keys.all)
  return whole
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
