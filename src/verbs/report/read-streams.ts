import type { Session } from '../../identity/session.ts'
import type { Host } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import { selectedStreams } from '../verify/bucket-streams.ts'
import type { VerifyFindingCode } from '../verify/finding.ts'
import { KeyRing } from '../verify/key-ring.ts'
import type { MirrorStream } from '../verify/mirror-place.ts'
import type { VerifyOptions } from '../verify/options.ts'
import type { StreamSlice, VerifyPlace } from '../verify/place.ts'
import type { VerifyReport } from '../verify/report.ts'
import type { VerifyResult } from '../verify/result.ts'
import { listedLogs, type StreamGiver } from '../verify/stream-source.ts'
import { verifyThrough } from '../verify/verify-bucket.ts'
import { type MirrorHost, verifyMirror } from '../verify/verify-mirror.ts'
import type { Collector } from './collector.ts'
import type { ReportOptions } from './options.ts'

export interface Reading {
  readonly collector: Collector
  readonly giver: StreamGiver
}

/** Reads the streams of the bucket, and passes what they hold to the collector. `onSession` gets each session that is opened. */
export function readBucket(
  options: ReportOptions,
  host: Host,
  { collector, giver, onSession }: Reading & { readonly onSession: (session: Session) => void },
): Promise<VerifyReport> {
  const { selection } = options
  const access = accessTrail(host, {
    accounts: selection.accounts,
    rights: host.rights,
    onOpened: (_account, session) => onSession(session),
  })
  const verifying = { ...verifyOptions(options), onResult: (result: VerifyResult) => collector.result(result) }
  return verifyThrough(
    access,
    { ...access.request, options: verifying, streams: selectedStreams(selection), giver },
    host,
  )
}

/** The same for mirrors in folders. */
export function readFolders(
  options: ReportOptions,
  host: MirrorHost,
  { collector, giver }: Reading,
): Promise<VerifyReport> {
  const asked = verifyOptions(options)
  if (options.keysFile !== undefined) {
    return verifyMirror({ ...asked, onResult: (result) => collector.result(result) }, host, undefined, { giver })
  }
  // Without public keys no digest can be checked, so none is read.
  const placed = (place: VerifyPlace<MirrorStream>) => withoutDigests(place, collector)
  const counting = { ...asked, onResult: withoutFindings(collector) }
  return verifyMirror(counting, host, undefined, { keys: new KeyRing(undefined).keys, placed, giver })
}

function verifyOptions({ selection, dirs, keysFile, movedFrom, maxInflatedBytes }: ReportOptions): VerifyOptions {
  return { selection, dirs, keysFile, movedFrom, maxInflatedBytes }
}

/** Passes everything to the collector. Logs are read only if their hashes are to be compared. */
export function collecting(collector: Collector, verify: boolean): StreamGiver {
  return {
    log(log) {
      collector.joined(log, verify)
      return verify ? listedLogs.log(log) : undefined
    },
    digest(digest) {
      collector.digest(digest)
      return undefined
    },
  }
}

/** Counts the digests of a place instead of reading them. */
function withoutDigests<S extends StreamSlice>(place: VerifyPlace<S>, collector: Collector): VerifyPlace<S> {
  return {
    ...place,
    async *digests(stream, window) {
      for await (const page of place.digests(stream, window)) {
        for (const { parts, ...digest } of page) collector.listedDigest({ ...digest, ...parts })
        yield []
      }
    },
  }
}

const unproven: ReadonlySet<string> = new Set<VerifyFindingCode>(['verify.no-digests', 'verify.validation-off'])

/** That no digest proves a log is no finding if no digest was read. */
function withoutFindings(collector: Collector): VerifyOptions['onResult'] {
  return (result) => {
    if (result.type !== 'finding' || !unproven.has(result.finding.code)) collector.result(result)
  }
}
