import { randomBytes } from 'node:crypto'
import { accessSync, constants, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { dayMs } from '../trail/calendar.ts'
import { diskError, errnoOf, onDisk } from './disk-error.ts'
import { stateFolderName } from './local-path.ts'
import { makeNamedFolder, makeOwnFolder } from './make-folder.ts'

export interface RunFolder {
  /** `root/.crosstrail`, the folder of journals. */
  readonly stateFolder: string
  /** For temp files of this run, on the file system of the mirror but out of its tree. */
  readonly tempFolder: string
}

/**
 * Makes the mirror's root with its parents, its state folder and a temp folder for this run, and clears the temp folders of dead runs.
 * Throws `disk.not-a-folder`, `disk.not-writable`, `disk.full`.
 */
export function openRunFolder(root: string): RunFolder {
  const stateFolder = openStateFolder(root)
  return { stateFolder, tempFolder: openTempFolder(stateFolder) }
}

/** Makes a temp folder for this run in an existing state folder, and clears those of dead runs. Throws as `openRunFolder`. */
export function openTempFolder(stateFolder: string): string {
  const tempRoot = join(stateFolder, 'tmp')
  makeOwnFolder(tempRoot)
  clearDeadRuns(tempRoot)

  const tempFolder = join(tempRoot, newRunName())
  makeOwnFolder(tempFolder)
  return tempFolder
}

/** Makes the root with its parents and its state folder. Returns the state folder. Throws as `openRunFolder`. */
export function openStateFolder(root: string): string {
  makeNamedFolder(root)
  onDisk(root, () => accessSync(root, constants.W_OK | constants.X_OK))
  const stateFolder = join(root, stateFolderName)
  makeOwnFolder(stateFolder)
  return stateFolder
}

/** True if the file system distinguishes names that differ only by case or by unicode normalization. */
export function probeCaseSensitivity(tempFolder: string): boolean {
  const probe = join(tempFolder, 'Probe-\u00e9')
  try {
    writeFileSync(probe, '', { mode: 0o600 })
    const twins = ['probe-\u00e9', 'Probe-e\u0301']
    return !twins.some((twin) => lstatSync(join(tempFolder, twin), { throwIfNoEntry: false }) !== undefined)
  } catch (error) {
    throw diskError(error, probe)
  } finally {
    rmSync(probe, { force: true })
  }
}

/** Facts about a temp folder that another run made. */
export interface ForeignRun {
  readonly sameHost: boolean
  readonly processAlive: boolean
  readonly isOwnPid: boolean
  readonly beforeThisProcess: boolean
  readonly ageMs: number
}

/**
 * | host  | process                                | age       | dead |
 * | ----- | -------------------------------------- | --------- | ---- |
 * | same  | gone                                   |           | yes  |
 * | same  | our own id, folder older than we are   |           | yes  |
 * | same  | alive                                  |           | no   |
 * | other |                                        | over 24 h | yes  |
 * | other |                                        | up to 24 h| no   |
 */
export function isDeadRun(run: ForeignRun): boolean {
  if (!run.sameHost) return run.ageMs > dayMs
  return !run.processAlive || (run.isOwnPid && run.beforeThisProcess)
}

/** Names a temp folder so that other runs can tell whether this one is dead. */
export function newRunName(): string {
  return `${thisHost()}-${process.pid}-${randomBytes(6).toString('hex')}`
}

/**
 * Removes the temp folders of dead runs in a folder: those whose names are `prefix` and a name of `newRunName`. `uid`: only folders of that user.
 * Throws `disk.…`.
 */
export function clearDeadRuns(
  tempRoot: string,
  { prefix = '', uid }: { prefix?: string; uid?: number | undefined } = {},
): void {
  for (const name of onDisk(tempRoot, () => readdirSync(tempRoot))) {
    const match = name.startsWith(prefix) ? /^(.+)-(\d+)-[0-9a-f]{12}$/.exec(name.slice(prefix.length)) : null
    const path = join(tempRoot, name)
    const stats = match && lstatSync(path, { throwIfNoEntry: false })
    if (!match || !stats || (uid !== undefined && stats.uid !== uid)) continue
    const pid = Number(match[2])
    const dead = isDeadRun({
      sameHost: match[1] === thisHost(),
      processAlive: isAlive(pid),
      isOwnPid: pid === process.pid,
      beforeThisProcess: stats.mtimeMs < Date.now() - process.uptime() * 1000 - 1000,
      ageMs: Date.now() - stats.mtimeMs,
    })
    if (!dead) continue
    try {
      rmSync(path, { recursive: true, force: true })
    } catch (error) {
      // Another user's folder: this process cannot check it, and it does no harm.
      if (errnoOf(error) !== 'EACCES' && errnoOf(error) !== 'EPERM') throw diskError(error, path)
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}

function thisHost(): string {
  return hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_') || 'host'
}
