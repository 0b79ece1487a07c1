import type { Verb } from '../verb.ts'
import { withVerifyRights } from '../verify/options.ts'
import { downloadDefaults, type DownloadOptions, type DownloadReport, downloadRights } from './options.ts'

/**
 * Downloads the selection into a folder. A file under its final name is complete. Files that are present and correct are skipped.
 * The journal is written to `.crosstrail/` in the folder, except in a dry run, which changes nothing.
 * With `verify`, the logs are verified afterwards, from their files. Throws CrosstrailError `disk.…` if the folder cannot be used, and with
 * `verify` also `usage.…` and `config.public-key`.
 */
export const download: Verb<DownloadOptions, typeof downloadDefaults, DownloadReport> = {
  name: 'download',
  defaults: downloadDefaults,
  rights: (options) => withVerifyRights(downloadRights, options),
  run: async (options, host) => (await import('./fetch-logs.ts')).fetchLogs(options, host),
}
