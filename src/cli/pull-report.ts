import type { CrosstrailApp } from '../app/crosstrail.ts'
import { writePage } from '../app/report-file.ts'
import { CrosstrailError } from '../error.ts'
import type { PullOptions } from '../verbs/pull/options.ts'
import { escapeText } from './render/escape.ts'
import { reportPage } from './render/report/page.ts'

/**
 * Writes the report about what a pull keeps up to date: the folder, or for other targets the bucket. If that fails, tells why and returns false,
 * because the logs were pulled all the same.
 */
export async function writePullReport(
  file: string,
  {
    to,
    sink,
    selection,
    keysFile,
    movedFrom,
  }: Pick<PullOptions, 'to' | 'sink' | 'selection' | 'keysFile' | 'movedFrom'>,
  crosstrail: Pick<CrosstrailApp, 'report'>,
  warn: (message: string) => void,
): Promise<boolean> {
  const isMirror = sink.type === 'folder' || sink.type === 'exec'
  // A folder that is kept up to date has to have everything until now.
  const window = { toMs: Date.now() }
  const about = isMirror ? { dirs: [to], selection: { ...selection, window, accounts: [] } } : { selection }
  try {
    const { figures } = await crosstrail.report({ ...about, keysFile, movedFrom })
    // An interrupted report says less than the one before it.
    if (figures.interrupted) return false
    writePage(file, reportPage(figures))
    return true
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    if (error.code !== 'interrupted')
      warn(`the report ${escapeText(file)} was not written: ${escapeText(error.message)}`)
    return false
  }
}
