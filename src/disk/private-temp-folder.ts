import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errnoOf, onDisk } from './disk-error.ts'
import { clearDeadRuns, newRunName } from './run-folder.ts'

export interface PrivateTempFolder {
  readonly path: string
  /** Removes the folder with its content. May be called several times. Throws `disk.…`. */
  remove(): void
}

const prefix = 'crosstrail-'
const openFolders = new Set<string>()

/**
 * Makes a folder, 0700, in the system's folder for temporary files, and clears those of this user's dead runs. The folder is also removed if the process
 * exits early, for example after a second Ctrl-C. Throws `disk.…`.
 */
export function openPrivateTempFolder(tempRoot = tmpdir()): PrivateTempFolder {
  clearOwnDeadRuns(tempRoot)
  const path = join(tempRoot, prefix + newRunName())
  // Fails if another user has made the folder first.
  onDisk(path, () => mkdirSync(path, { mode: 0o700 }))
  if (openFolders.size === 0) process.on('exit', removeAll)
  openFolders.add(path)
  return {
    path,
    remove() {
      removeFolder(path)
      if (openFolders.delete(path) && openFolders.size === 0) process.off('exit', removeAll)
    },
  }
}

function removeAll(): void {
  for (const path of openFolders) removeFolder(path)
}

function removeFolder(path: string): void {
  onDisk(path, () => rmSync(path, { recursive: true, force: true }))
}

function clearOwnDeadRuns(tempRoot: string): void {
  try {
    clearDeadRuns(tempRoot, { prefix, uid: process.getuid?.() })
  } catch (error) {
    // Some systems let users make folders in it, but not list them.
    if (errnoOf(error instanceof Error ? error.cause : error) !== 'EACCES') throw error
  }
}
