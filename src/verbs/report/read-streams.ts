import type { Session } from '../../identity/session.ts'
import type { Host } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import { selectedStreams } from '../verify/bucket-streams.ts'
import { KeyRing } from '../verify/key-ring.ts'
import type { MirrorStream } from '../verify/mirror-place.ts'
import type { VerifyOptions } from '../verify/options.ts'
import type { StreamSlice, VerifyPlace } from '../verify/place.ts'
import type { VerifyReport } from '../verify/report.ts'
import { listedLogs, type StreamGiver } from '../verify/stream-source.ts'
import { verifyThrough } from '../verify/verify-bucket.ts'
import { verifyMirror } from '../verify/verify-mirror.ts'
import type { Collector } from './collector.ts'
import type { ReportOptions } from './options.ts'

/** Reads the streams of the bucket or of folders, and passes what they hold to the collector. */
export async function readReported(
  options: ReportOptions,
  host: Host,
  collector: Collector,
  onOpened: (session: Session) => void,
): Promise<VerifyReport> {
  const { selection, dirs, keysFile, movedFrom, verify, maxInflatedBytes } = options
  const verifying: VerifyOptions = {
    selection,
    dirs,
    keysFile,
    movedFrom,
    maxInflatedBytes,
    onResult: (result) => collector.result(result),
  }
  const giver = collecting(collector, verify)
  if (dirs.length === 0) {
    const access = accessTrail(host, {
      accounts: selection.accounts,
      rights: host.rights,
      onOpened: (_account, session) => onOpened(session),
    })
    const streams = { ...selectedStreams(selection), mayBeEmpty: false }
    return verifyThrough(access, { ...access.request, options: verifying, streams, giver }, host)
  }
  if (keysFile !== undefined) return verifyMirror(verifying, host, undefined, { giver })
  // Without public keys no digest can be checked, so none is read.
  const placed = (place: VerifyPlace<MirrorStream>) => withoutDigests(place, collector)
  const unproven = { ...verifying, onResult: withoutFindings(collector) }
  return verifyMirror(unproven, host, undefined, { keys: new KeyRing(undefined).keys, placed, giver })
}

/** Passes everything to the collector. Logs are read only if their hashes are to be compared. */
function collecting(collector: Collector, verify: boolean): StreamGiver {
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

/** That no digest proves a log is no finding if no digest was read. */
function withoutFindings(collector: Collector): VerifyOptions['onResult'] {
  return (result) => {
    if (result.type !== 'finding' || !result.finding.code.startsWith('verify.no')) collector.result(result)
  }
}
