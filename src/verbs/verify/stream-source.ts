import { CrosstrailError } from '../../error.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { hourMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { Window } from '../../trail/window.ts'
import type { RunListener } from '../../work/run-event.ts'
import type { Source } from '../../work/source.ts'
import { chainOf } from './chain-name.ts'
import { type CheckedDigest, type ReadDigest, readDigest } from './check-digest.ts'
import { feedStream } from './feed-stream.ts'
import type { JoinedLog } from './log-join.ts'
import { merged } from './merged.ts'
import type { ListedDigest, StreamSlice, VerifyPlace } from './place.ts'
import { readAhead, readingRoom } from './read-ahead.ts'
import { StreamCheck, type StreamRules } from './stream-check.ts'
import type { Verification } from './verification.ts'

/** Which objects of a stream are given, and what they carry. Returns undefined for objects that are not given. */
export interface StreamGiver {
  readonly log: (log: JoinedLog) => LogObject | undefined
  readonly digest: (digest: CheckedDigest) => LogObject | undefined
}

export interface StreamSourceOptions<S extends StreamSlice> {
  readonly place: VerifyPlace<S>
  readonly rules: Omit<StreamRules, 'keepsSignatures' | 'mayBePlain'>
  readonly verification: Verification
  /** Gets the public keys that a digest needs, if they are not known yet. */
  readonly needKeys: (stream: S, digest: ReadDigest) => Promise<void>
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

const listedLogs: StreamGiver = {
  log: (log) => (log.state === 'listed' ? { ...log.object, listed: log.listed } : undefined),
  digest: () => undefined,
}

/**
 * Reads the digests and lists the logs of a stream, and gives the logs that a proven digest lists, each with its hash, or what `giver` gives.
 * Everything else about the stream goes to the verification.
 */
export function readStreams<S extends StreamSlice>(options: StreamSourceOptions<S>): Source<S>['read'] {
  const { place, verification, giver = listedLogs, listener, whenWritable, signal, onFatal } = options
  const rules: StreamRules = { ...options.rules, ...place }
  const room = readingRoom()
  signal.addEventListener('abort', () => room.wake(Infinity), { once: true })
  return async (stream, { take }) => {
    const { account, logAccount, region } = stream
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
    const { window } = rules
    const digests = readAhead(
      place.digests(stream, widened(window)),
      (digest) => readOne(stream, digest, options),
      room,
    )
    const logs = merged(stream.logKinds.map((kind) => place.logs(stream, kind, window)))
    try {
      await feedStream(check, { digests: present(digests), logs }, settle)
      finished()
    } catch (error) {
      // The clock is wrong for all streams.
      if (error instanceof CrosstrailError && error.code === 'usage.wrong-clock') onFatal(error)
      else throw error
    }
  }
}

function widened({ fromMs, toMs }: Window): Window {
  return {
    fromMs: fromMs === undefined ? undefined : Math.max(0, fromMs - marginMs),
    toMs: toMs === undefined ? undefined : toMs + marginMs,
  }
}

/** A digest that disappeared after it was listed is missing. */
async function* present(digests: AsyncIterable<ReadDigest | undefined>): AsyncGenerator<ReadDigest> {
  for await (const digest of digests) if (digest !== undefined) yield digest
}

async function readOne<S extends StreamSlice>(
  stream: S,
  listed: ListedDigest,
  { place, needKeys, signal }: StreamSourceOptions<S>,
): Promise<ReadDigest | undefined> {
  if (signal.aborted) throw interrupted(signal)
  try {
    const read = readDigest({ ...(await place.read(stream, listed)), object: listed }, place)
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
