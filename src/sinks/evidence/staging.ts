import { lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { diskError, errnoOf, onDisk } from '../../disk/disk-error.ts'
import { DurableBatch } from '../../disk/durable-batch.ts'
import { makeNamedFolder } from '../../disk/make-folder.ts'
import { clearDeadRuns, newRunName } from '../../disk/run-folder.ts'
import { CrosstrailError } from '../../error.ts'

/** The folder in which a bag is made. It is beside the target, and gets the name of the target when the bag is complete. */
export interface Staging {
  readonly path: string
  readonly target: string
  publish(): Promise<void>
  /** Removes the folder. After `publish` it does nothing. */
  remove(): void
}

const prefix = '.crosstrail-evidence-'

/**
 * Makes such a folder, 0700, and clears those of dead runs. The target must be a new folder or an empty one, which is replaced. Throws
 * `usage.folder-in-use`, `disk.…`.
 */
export function openStaging(folder: string): Staging {
  const target = realTarget(resolve(folder))
  const parent = dirname(target)
  makeNamedFolder(parent)
  refuseUsed(target)
  clearDeadRuns(parent, { prefix, uid: process.getuid?.() })
  const path = join(parent, prefix + newRunName())
  onDisk(path, () => mkdirSync(path, { mode: 0o700 }))
  let isPublished = false
  return {
    path,
    target,
    async publish() {
      removeEmpty(target)
      try {
        renameSync(path, target)
      } catch (error) {
        if (errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST') throw inUse(target, 'is no longer empty')
        throw diskError(error, target)
      }
      isPublished = true
      const entry = new DurableBatch(parent)
      entry.add(basename(target))
      await entry.sync()
    },
    remove() {
      if (!isPublished) onDisk(path, () => rmSync(path, { recursive: true, force: true }))
    },
  }
}

/** The user may name a link to a folder. */
function realTarget(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    const isMissing = errnoOf(error) === 'ENOENT' && lstatSync(path, { throwIfNoEntry: false }) === undefined
    // If a parent is a file, making the parents says which one.
    if (isMissing || errnoOf(error) === 'ENOTDIR') return path
    throw diskError(error, path)
  }
}

function refuseUsed(target: string): void {
  const stats = onDisk(target, () => lstatSync(target, { throwIfNoEntry: false }))
  if (stats === undefined) return
  if (!stats.isDirectory()) throw inUse(target, 'is not a folder')
  if (onDisk(target, () => readdirSync(target)).length > 0) throw inUse(target, 'is not empty')
  if (target === realpathSync('.')) throw inUse(target, 'is the current folder, which cannot be replaced')
  // A mount point cannot be replaced. The run must not find that out at its end.
  removeEmpty(target)
  onDisk(target, () => mkdirSync(target, { mode: stats.mode & 0o777 }))
}

function removeEmpty(target: string): void {
  try {
    rmdirSync(target)
  } catch (error) {
    const errno = errnoOf(error) ?? ''
    if (errno === 'ENOENT') return
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST' || errno === 'ENOTDIR') throw inUse(target, 'is no longer empty')
    if (errno === 'EBUSY') throw inUse(target, 'is a mount point, which cannot be replaced')
    throw diskError(error, target)
  }
}

function inUse(target: string, says: string): CrosstrailError {
  return new CrosstrailError('usage.folder-in-use', `the folder for evidence, ${target}, ${says}`, {
    hint: 'name a folder that does not exist yet, for example one inside it',
    facts: { path: target },
  })
}
