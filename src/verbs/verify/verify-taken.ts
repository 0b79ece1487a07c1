import { CrosstrailError } from '../../error.ts'
import type { ReadingAccount } from '../../work/assignment.ts'
import { missingCode } from '../../work/named-places.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { Host } from '../host.ts'
import type { TrailAccess } from '../trail-access.ts'
import { readKeysFile, refuseUnwritable } from './keys-on-disk.ts'
import { movedFromPlace } from './moved-from.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice } from './place.ts'
import type { VerifyReport } from './report.ts'
import type { BucketStreams } from './bucket-streams.ts'
import { verifyThrough } from './verify-bucket.ts'
import type { WrittenFolder } from './written-file.ts'

/** What a run has taken. */
export interface TakenLogs {
  readonly access: TrailAccess
  readonly report: RunReport
  /** The folder with the logs. Without it, they are read from the bucket again. */
  readonly written: WrittenFolder | undefined
}

type KeyOptions = Pick<VerifyOptions, 'keysFile' | 'saveKeys' | 'movedFrom'>

/** Throws `usage.…`, `config.public-key` and `disk.…` for options that would end the verification only after the logs were taken. */
export function refuseUnusableKeys({ keysFile, saveKeys, movedFrom }: KeyOptions): void {
  if (keysFile !== undefined && saveKeys !== undefined) {
    throw new CrosstrailError('usage.conflict', '--keys and --save-keys do not go together', {
      hint: 'with --keys CloudTrail is not asked, so there are no other keys to save',
    })
  }
  if (keysFile !== undefined) readKeysFile(keysFile)
  if (saveKeys !== undefined) refuseUnwritable(saveKeys)
  movedFrom.forEach(movedFromPlace)
}

/**
 * Verifies the logs that a run took, with its sessions. Accounts that failed are not verified. Returns undefined if the run did not get
 * to its end.
 */
export async function verifyTaken<S extends StreamSlice>(
  { access, report, written }: TakenLogs,
  options: Omit<VerifyOptions, 'dirs'>,
  host: Host,
  streams: BucketStreams<S>,
): Promise<VerifyReport | undefined> {
  const { listener, accounts } = access.request
  if (report.interrupted || report.error !== undefined) {
    const message = 'the logs were not verified, because the run did not get to its end'
    listener({ type: 'note', level: 'warning', code: 'verify.not-run', message })
    return undefined
  }
  const errors = new Map(report.accounts.map(({ account, error }) => [account, error]))
  const usable = accounts.map((account): ReadingAccount => {
    const { label, id, reads, unusable } = account
    return { label, id, reads, unusable: errors.get(label) ?? unusable }
  })
  const run = { options, accounts: usable, streams, listener: afterwards(listener, errors), written }
  // Taking may have lasted for hours, in which digests came.
  return verifyThrough(access, run, { ...host, nowMs: Date.now() })
}

/** What the listener of the run gets of its verification: the outcomes of the run's objects are known already. */
function afterwards(listener: RunListener, failed: ReadonlyMap<string, CrosstrailError | undefined>): RunListener {
  return (event) => {
    switch (event.type) {
      case 'outcome': {
        const { account, object } = event.outcome
        if (event.outcome.status === 'failed' && 'listed' in object) {
          const { code, message } = event.outcome.error
          const text = `could not verify ${object.key}: ${message}`
          listener({ type: 'note', level: 'warning', code, message: text, account })
        }
        return listener({ type: 'verifying', account })
      }
      case 'account-failed':
        if (failed.get(event.account) === undefined) listener(event)
        return
      case 'note':
        // The run has told which names the bucket does not have.
        if (event.code !== missingCode) listener(event)
        return
      case 'listed':
      case 'account-started':
      case 'listing-finished':
        return listener({ type: 'verifying', account: event.account })
      case 'verifying':
        return listener(event)
    }
  }
}
