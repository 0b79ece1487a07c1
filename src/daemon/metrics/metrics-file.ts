import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { diskError, onDisk } from '../../disk/disk-error.ts'
import { readRegularFile } from '../../disk/regular-file.ts'

const mostPageBytes = 64 * 1024 * 1024

/**
 * Puts a metrics page in place of the one in `file`, whole, so that a collector never reads half of it. 0644: the collector is another
 * user's, and the page holds no secret. Throws `disk.…`.
 */
export function writeMetricsFile(file: string, page: string): void {
  // Collectors read *.prom alone: one that grows must not be called so
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

/** When a pull was last complete, as the page in `file` says: a pull that fails must not make that forgotten. Undefined where it says nothing. Throws `disk.…`. */
export function lastSuccessIn(file: string): number | undefined {
  const [, seconds] = /^crosstrail_pull_last_success_timestamp_seconds (\d+(?:\.\d+)?)$/m.exec(pageIn(file)) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** The user named the file, and may have named a link to it. */
function pageIn(file: string): string {
  return onDisk(file, () => readRegularFile(file, mostPageBytes, { followLink: true })?.toString('utf8') ?? '')
}
