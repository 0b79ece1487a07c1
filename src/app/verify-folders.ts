import { wrongValue } from '../config/text-value.ts'
import { asked, type Given } from '../verbs/verb.ts'
import { verifyDefaults, type VerifyOptions } from '../verbs/verify/options.ts'
import type { VerifyReport } from '../verbs/verify/report.ts'
import type { RunListener } from '../work/run-event.ts'
import { demandSense } from './demand-sense.ts'
import { type FolderOptions, folderShare } from './folder-share.ts'
import { sourceWork } from './slice-work.ts'

/**
 * Verifies mirrors in folders, like `Crosstrail.verify` with `dirs`. It needs no config and no credentials, and uses the network only for the
 * timestamp of evidence. Rejects with `usage.…`, `config.public-key`.
 */
export async function verifyFolders(
  given: Given<VerifyOptions & { readonly keysFile: string }, typeof verifyDefaults>,
  { signal = new AbortController().signal, threads }: FolderOptions = {},
  listener: RunListener = () => undefined,
): Promise<VerifyReport> {
  const nowMs = Date.now()
  const options = demandSense(asked<VerifyOptions, typeof verifyDefaults>(given, verifyDefaults), nowMs)
  if (options.dirs.length === 0) throw wrongValue('dirs', '[]', 'at least one folder')
  const { verifyMirror } = await import('../verbs/verify/verify-mirror.ts')
  const share = folderShare({ threads })
  const host = { signal, nowMs, env: process.env, workOn: sourceWork(share) }
  const { journalled } = await import('../verbs/verify/verify-journal.ts')
  return journalled(options, host, listener, async (asked, hearing) => {
    const { evidence } = asked
    if (evidence === undefined) return verifyMirror(asked, { ...host, listener: hearing })
    const { keepingEvidence } = await import('../verbs/verify/keep-evidence.ts')
    const facts = { ...host, listener: hearing, sessions: () => [] }
    return keepingEvidence({ ...asked, evidence }, facts, (heard, listener, keep) =>
      verifyMirror(heard, { ...host, listener }, keep),
    )
  })
}
