import type { Host } from '../host.ts'
import type { Verb } from '../verb.ts'
import type { KeepPlace } from './keep-evidence.ts'
import { verifyDefaults, type VerifyOptions, verifyRights } from './options.ts'
import type { VerifyReport } from './report.ts'

/**
 * Proves that the logs of the bucket, or of mirrors, are complete and unchanged since CloudTrail delivered them. `onResult` gets each finding,
 * digest and log. Nothing is written but `saveKeys` and `evidence`. Rejects with `usage.…`, `config.public-key`, and with `disk.…` if they cannot
 * be written.
 */
export const verify: Verb<VerifyOptions, typeof verifyDefaults, VerifyReport> = {
  name: 'verify',
  defaults: verifyDefaults,
  rights: verifyRights,
  async run(given, host) {
    const { env, nowMs, journal, config } = host
    const where = { env, nowMs, journal, trail: given.dirs.length === 0 ? config.trail : undefined }
    return (await import('./verify-journal.ts')).journalled(given, where, host.listener, async (options, listener) => {
      const { evidence } = options
      if (evidence === undefined) return verifyPlace(options, { ...host, listener })
      const { keepingEvidence } = await import('./keep-evidence.ts')
      return keepingEvidence({ ...options, evidence }, { ...host, listener }, (heard, hearing, keep) =>
        verifyPlace(heard, { ...host, listener: hearing }, keep),
      )
    })
  },
}

async function verifyPlace(options: VerifyOptions, host: Host, keep?: KeepPlace): Promise<VerifyReport> {
  if (options.dirs.length > 0) return (await import('./verify-mirror.ts')).verifyMirror(options, host, keep)
  return (await import('./verify-bucket.ts')).verifyBucket(options, host, keep)
}
