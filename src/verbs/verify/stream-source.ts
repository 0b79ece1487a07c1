import { CrosstrailError } from '../../error.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { hourMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { Window } from '../../trail/window.ts'
import type { RunListener } from '../../work/run-event.ts'
import type { Source } from '../../work/source.ts'
import { chainOf } from './chain-name.ts'
import { type CheckedDigest, type FoundDigest, type ReadDigest, readDigest } from './check-digest.ts'
import type { ListedLog } from './check-log.ts'
import { feedStream } from './feed-stream.ts'
import type { JoinedLog } from './log-join.ts'
import { merged } from './merged.ts'
import { findingsOfOlder } from './older-digests.ts'
import type { ListedDigest, StreamSlice, VerifyPlace } from './place.ts'
import { readAhead, readingRoom } from './read-ahead.ts'
import type { LogToCheck } from './read-log.ts'
import { StreamCheck, type StreamRules } from './stream-check.ts'
import type { Verification } from './verification.ts'

export interface SourceRules extends Omit<StreamRules, 'keepsSignatures' | 'mayBePlain'> {
  /** When the logs to verify were delivered. Default: in the window of the digests. */
  readonly logWindow?: Window | undefined
  /** Digests are read from then on, if that is earlier than the two hours before both windows. */
  readonly digestsFromMs?: number | undefined
}

/** Which objects of a stream are given, and what they carry. Returns undefined for objects that are not given. */
export interface StreamGiver {
  readonly log: (log: JoinedLog) => LogObject | undefined
  readonly digest: (digest: CheckedDigest) => LogObject | undefined
}

export interface StreamSourceOptions<S extends StreamSlice> {
  readonly place: VerifyPlace<S>
  readonly rulesOf: (stream: S) => SourceRules
  readonly verification: Verification
  /** Gets the public keys that a digest needs, if they are not known yet. */
  readonly needKeys: (stream: S, digest: ReadDigest) => Promise<void>
  /** Keeps each digest that was read, right or wrong. The stream waits for it. */
  readonly keepDigest?: ((digest: FoundDigest) => Promise<void>) | undefined
  /** Default: the logs that a proven digest lists. */
  readonly giver?: StreamGiver | undefined
  readonly listener: RunListener
  readonly whenWritable: (() => Promise<void> | undefined) | undefined
  /** Aborted: read no more. */
  readonly signal: AbortSignal
  /** Called with an error that ends the run for all streams. */
  readonly onFatal: (error: unknown) => void
}

/** Digests of these hours before and after the window decide about its logs. */
const marginMs = 2 * hourMs

/** Gives the logs that a proven digest lists, to be compared with their hashes. */
export const listedLogs: StreamGiver = {
  log: (log) => (log.state === 'listed' ? toCheck(log.object, log.listed) : undefined),
  digest: () => undefined,
}

/**
 * Reads the digests and lists the logs of a stream, and gives the logs that a proven digest lists, each with its hash, or what `giver` gives.
 * Everything else about the stream goes to the verification.
 */
export function readStreams<S extends StreamSlice>(options: StreamSourceOptions<S>): Source<S>['read'] {
  const { place, verification, giver = listedLogs, listener, whenWritable, signal, onFatal } = options
  const room = readingRoom()
  signal.addEventListener('abort', () => room.wake(Infinity), { once: true })
  return async (stream, { take }) => {
    const { account, logAccount, region } = stream
    const { logWindow, digestsFromMs, ...ruled } = options.rulesOf(stream)
    const rules: StreamRules = { ...ruled, ...place }
    let ready: LogObject[] = []
    const give = (object: LogObject | undefined) => {
      if (object !== undefined) ready.push(object)
    }
    const check = new StreamCheck({ logAccount, region }, rules, {
      finding: (finding) => verification.finding(finding),
      digest(digest) {
        verification.digest(digest)
        give(giver.digest(digest))
      },
      log(log) {
        if (log.state !== 'listed') verification.log(log)
        give(giver.log(log))
      },
    })
    const finished = verification.stream({ logAccount, region }, () => check.state)
    const settle = async () => {
      for (let wait = whenWritable?.(); wait !== undefined; wait = whenWritable?.()) await wait
      if (ready.length > 0) {
        const page = ready
        ready = []
        const bytes = page.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        listener({ type: 'listed', account, objects: page.length, bytes })
        await take({ objects: page })
      }
      if (signal.aborted) throw interrupted(signal)
    }
    const window = logWindow ?? rules.window
    const digestWindow = widened(window, rules.window, digestsFromMs, place)
    const digests = readAhead(place.digests(stream, digestWindow), (digest) => readOne(stream, digest, options), room)
    const logs = merged(stream.logKinds.map((kind) => place.logs(stream, kind, window)))
    try {
      await feedStream(check, { digests: present(digests), logs }, settle)
      if (rules.isOneOfMany !== true) {
        const older = await findingsOfOlder(place, stream, check, rules, digestWindow.fromMs ?? 0)
        for (const finding of older) verification.finding(finding)
      }
      finished()
    } catch (error) {
      // The clock is wrong for all streams.
      if (error instanceof CrosstrailError && error.code === 'usage.wrong-clock') onFatal(error)
      else throw error
    }
  }
}

/** Written out, because V8 gives less memory to it than to a copy with one more field, and a digest may list 100,000 logs. */
function toCheck(object: LogObject, listed: ListedLog): LogToCheck {
  return {
    key: object.key,
    sizeBytes: object.sizeBytes,
    etag: object.etag,
    lastModifiedMs: object.lastModifiedMs,
    storageClass: object.storageClass,
    restored: object.restored,
    logAccount: object.logAccount,
    region: object.region,
    kind: object.kind,
    deliveredAtMs: object.deliveredAtMs,
    listed,
  }
}

type Keeps = Pick<VerifyPlace, 'keepsSignatures'>

/** If signatures were not kept, the digest after the last one that matters has a copy. */
function widened(logs: Window, periods: Window, digestsFromMs: number | undefined, { keepsSignatures }: Keeps): Window {
  const firstMs = Math.min(logs.fromMs ?? -Infinity, periods.fromMs ?? -Infinity)
  const fromMs = Math.min(firstMs - marginMs, digestsFromMs ?? Infinity)
  const toMs = Math.max(logs.toMs ?? Infinity, periods.toMs ?? Infinity)
  const afterMs = keepsSignatures ? marginMs : marginMs + hourMs
  return {
    fromMs: fromMs === -Infinity ? undefined : Math.max(0, fromMs),
    toMs: toMs === Infinity ? undefined : toMs + afterMs,
  }
}

/** A digest that disappeared after it was listed is missing. */
async function* present(digests: AsyncIterable<ReadDigest | undefined>): AsyncGenerator<ReadDigest> {
  for await (const digest of digests) if (digest !== undefined) yield digest
}

async function readOne<S extends StreamSlice>(
  stream: S,
  listed: ListedDigest,
  { place, needKeys, keepDigest, signal }: StreamSourceOptions<S>,
): Promise<ReadDigest | undefined> {
  if (signal.aborted) throw interrupted(signal)
  try {
    const found = await place.read(stream, listed)
    await keepDigest?.(found)
    const read = readDigest({ ...found, object: listed }, place)
    await needKeys(stream, read)
    return read
  } catch (error) {
    if (!(error instanceof CrosstrailError) || !error.code.startsWith('object.')) throw error
    return error.code === 'object.gone' ? undefined : unreadDigest(listed, error)
  }
}

/** Other digests can still be verified, and this one is not missing. */
function unreadDigest(object: ListedDigest, { message }: CrosstrailError): ReadDigest {
  const { key, parts } = object
  const chain = chainOf(parts)
  const endMs = parts.deliveredAtMs
  const finding = {
    code: 'verify.digest-unread',
    key,
    chain,
    startMs: endMs - hourMs,
    endMs,
    message: `the digest ${key} could not be read: ${message}`,
  } as const
  return {
    bucket: undefined,
    key,
    parts,
    signature: undefined,
    signatureAlgorithm: undefined,
    chain,
    sha256: undefined,
    digest: undefined,
    object,
    findings: [finding],
  }
}
