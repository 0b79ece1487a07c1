import type { RunReport } from '../../work/run-event.ts'
import type { Verb } from '../verb.ts'
import { downloadDefaults, type DownloadOptions, downloadRights } from './options.ts'

/**
 * Downloads the selection into a folder. A file under its final name is complete. Files that are present and correct are skipped.
 * The journal is written to `.crosstrail/` in the folder, except in a dry run, which changes nothing.
 * Throws CrosstrailError `disk.…` if the folder cannot be used.
 */
export const download: Verb<DownloadOptions, typeof downloadDefaults, RunReport> = {
  name: 'download',
  defaults: downloadDefaults,
  rights: () => downloadRights,
  run: async (options, host) => (await import('./fetch-logs.ts')).fetchLogs(options, host),
}
