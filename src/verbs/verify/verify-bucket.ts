import type { Bucket } from '../../s3/bucket.ts'
import { Limits } from '../../work/limits.ts'
import type { RunListener } from '../../work/run-event.ts'
import { runInBucket } from '../../work/run.ts'
import type { Host } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import { openBucketVerification, streamsAtATime } from './bucket-verification.ts'
import { refuseUnwritable, writeKeysFile } from './keys-on-disk.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice } from './place.ts'
import { openVerify, type VerifyJob } from './read-log.ts'
import type { VerifyReport } from './report.ts'

/** Verifies the bucket through the sessions of accounts. An account that fails does not stop the others. */
export async function verifyBucket(options: VerifyOptions, host: Host): Promise<VerifyReport> {
  const { selection, saveKeys, maxInflatedBytes, whenWritable } = options
  if (saveKeys !== undefined) refuseUnwritable(saveKeys)
  const { request, keysOf } = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  const { verification, keys, plan, source } = openBucketVerification(options, host, keysOf)
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') verification.outcome(event.outcome)
    request.listener(event)
  }
  const job: VerifyJob = { verb: 'verify', files: false, maxInflatedBytes }
  const report = await runInBucket<Bucket, StreamSlice>({
    ...request,
    selection,
    sorted: false,
    split: false,
    listener,
    plan: (planning) => plan(planning, selection.kinds),
    startWorker: (frame) =>
      host.workFrom(frame, {
        job,
        open: openVerify,
        threads: true,
        limits: new Limits({}),
        keysOf,
        whenWritable,
        listings: streamsAtATime,
        source: source(frame, { bucketOf: frame.bucketOf, whenWritable }),
      }),
  })
  const whole = verification.report(report)
  if (saveKeys !== undefined && keys.all.length > 0) writeKeysFile(saveKeys, keys.all)
  return whole
}
