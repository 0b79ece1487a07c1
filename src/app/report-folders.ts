import { wrongValue } from '../config/text-value.ts'
import type { ReportReport } from '../verbs/report/make-report.ts'
import { reportDefaults, type ReportOptions } from '../verbs/report/options.ts'
import { asked, type Given } from '../verbs/verb.ts'
import type { RunListener } from '../work/run-event.ts'
import { demandSense } from './demand-sense.ts'
import { type FolderOptions, folderShare } from './folder-share.ts'
import { sourceWork } from './slice-work.ts'

/** Reports about mirrors in folders, like `Crosstrail.report` with `dirs`. It needs no config and no credentials, and uses no network. */
export async function reportFolders(
  given: Given<ReportOptions, typeof reportDefaults>,
  { signal = new AbortController().signal, threads }: FolderOptions = {},
  listener: RunListener = () => undefined,
): Promise<ReportReport> {
  const nowMs = Date.now()
  const options = demandSense(asked<ReportOptions, typeof reportDefaults>(given, reportDefaults), nowMs)
  if (options.dirs.length === 0) throw wrongValue('dirs', '[]', 'at least one folder')
  const { makeReport } = await import('../verbs/report/make-report.ts')
  const share = folderShare({ threads })
  return makeReport(options, { signal, nowMs, env: process.env, listener, workOn: sourceWork(share) }, undefined)
}
