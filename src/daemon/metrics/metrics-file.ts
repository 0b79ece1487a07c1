import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { diskError, onDisk } from '../../disk/disk-error.ts'
import { readRegularFile } from '../../disk/regular-file.ts'

const mostPageBytes = 64 * 1024 * 1024

/**
 * Replaces `file` with a metrics page atomically, so that a collector never reads half a page. The mode is 0644, because the collector runs
 * as another user and the page has no secrets. Throws `disk.…`.
 */
export function writeMetricsFile(file: string, page: string): void {
  // Collectors read *.prom, so an incomplete file must not have that name.
  const temp = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`)
  try {
    rmSync(temp, { force: true })
    writeFileSync(temp, page, { mode: 0o644, flag: 'wx' })
    renameSync(temp, file)
  } catch (error) {
    rmSync(temp, { force: true })
    throw diskError(error, file)
  }
}

/** Returns the time of the last complete pull from the page in `file`, so that a failed pull does not lose it. Undefined if there is none. Throws `disk.…`. */
export function lastSuccessIn(file: string): number | undefined {
  const [, seconds] = /^crosstrail_pull_last_success_timestamp_seconds (\d+(?:\.\d+)?)$/m.exec(pageIn(file)) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** Follows a link, because the user may have named one. */
function pageIn(file: string): string {
  return onDisk(file, () => readRegularFile(file, mostPageBytes, { followLink: true })?.toString('utf8') ?? '')
}
