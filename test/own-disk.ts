import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Mounts a tmpfs with options such as `size=64k` or `ro` until the end of the test. If it cannot, prints why and returns undefined. */
export function ownDisk(options: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    process.stderr.write('skipped: a separate disk needs the right to mount a tmpfs\n')
    return undefined
  }
  onTestFinished(() => {
    execFileSync('umount', [folder])
    rmdirSync(folder)
  })
  return folder
}

/** Changes the mount options, such as `size=200m` or `ro`. */
export function remount(disk: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, disk])
}
