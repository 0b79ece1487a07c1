import type { Verb } from '../verb.ts'
import { verifyDefaults, type VerifyOptions, verifyRights } from './options.ts'
import type { VerifyReport } from './report.ts'

/**
 * Proves that the logs of the bucket, or of mirrors, are complete and unchanged since CloudTrail delivered them. `onResult` gets each finding,
 * digest and log. Nothing is written but `saveKeys`. Rejects with `usage.…`, `config.public-key`, and with `disk.…` if `saveKeys` cannot be
 * written.
 */
export const verify: Verb<VerifyOptions, typeof verifyDefaults, VerifyReport> = {
  name: 'verify',
  defaults: verifyDefaults,
  rights: verifyRights,
  async run(options, host) {
    if (options.dirs.length > 0) return (await import('./verify-mirror.ts')).verifyMirror(options, host)
    return (await import('./verify-bucket.ts')).verifyBucket(options, host)
  },
}
