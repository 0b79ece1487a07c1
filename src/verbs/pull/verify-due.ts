import type { CrosstrailError } from '../../error.ts'
import { isWrongBody } from '../../s3/retry.ts'
import { parseKey } from '../../trail/key.ts'
import type { Selection } from '../../work/selection.ts'
import type { BucketStreams } from '../verify/bucket-streams.ts'
import type { VerifyReport } from '../verify/report.ts'
import type { VerifyResult } from '../verify/result.ts'
import type { Coverage } from './coverage.ts'
import { type DueStream, dueStreams, verifiedKinds } from './due-streams.ts'

/** Verifies the streams of the bucket, and gives each result. */
export type VerifyStreams = (
  streams: BucketStreams<DueStream>,
  onResult: (result: VerifyResult) => void,
) => Promise<VerifyReport | undefined>

export interface DueVerification {
  readonly coverage: Coverage
  readonly selection: Selection
  readonly verify: VerifyStreams
  /** Saves the coverage. */
  readonly save: () => Promise<void>
  readonly nowMs: number
}

/** A verification of years is not begun again from its start if it is killed. */
const saveEveryMs = 30_000

/**
 * Verifies what became due of each stream, and records in coverage until when it is verified. A log that could not be read this time is read
 * again by the next pull.
 */
export async function verifyDue(of: DueVerification): Promise<VerifyReport | undefined> {
  const { coverage, selection, verify, save, nowMs } = of
  const unread = new Map<string, number>()
  let savedAt = performance.now()
  const onVerified = async (stream: DueStream): Promise<void> => {
    const { logAccount, region, logs, periods } = stream
    const untilMs = Math.min(logs.toMs, unread.get(`${logAccount}/${region}`) ?? Infinity)
    for (const kind of verifiedKinds(selection)) {
      const sinceMs = stream.since.get(kind) ?? logs.fromMs
      coverage.verified.set({ logAccount, region, kind }, Math.max(untilMs, sinceMs))
    }
    coverage.verified.set({ logAccount, region, kind: 'digest' }, periods.toMs)
    forgetDigests(coverage, stream)
    if (performance.now() - savedAt < saveEveryMs) return
    await save()
    savedAt = performance.now()
  }
  const onResult = (result: VerifyResult): void => {
    if (result.type === 'finding' && result.finding.code === 'verify.log-missing') {
      coverage.noteMissing(result.finding.key ?? '')
    }
    if (result.type === 'log' && result.error !== undefined && mayPass(result.error)) {
      const { logAccount, region, deliveredAtMs } = result.log
      const name = `${logAccount}/${region}`
      unread.set(name, Math.min(deliveredAtMs, unread.get(name) ?? Infinity))
    }
  }
  const report = await verify(dueStreams({ coverage, selection, nowMs, onVerified }), onResult)
  if (report !== undefined) await save()
  return report
}

/** Whether the next pull may be able to read the log. */
function mayPass(error: CrosstrailError): boolean {
  return !error.code.startsWith('object.') || error.code === 'object.unreadable' || isWrongBody(error)
}

/** Verified digests need not be compared with coverage as well. */
function forgetDigests(coverage: Coverage, { logAccount, region, periods }: DueStream): void {
  for (const key of coverage.uncheckedDigests.keys()) {
    const parts = parseKey(key, coverage.trail)
    const isOfStream = parts?.logAccount === logAccount && parts.region === region
    if (isOfStream && parts.deliveredAtMs <= periods.toMs) coverage.uncheckedDigests.delete(key)
  }
}
