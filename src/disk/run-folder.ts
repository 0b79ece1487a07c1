import { randomBytes } from 'node:crypto'
import {
  type Stats,
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf } from './disk-error.ts'
import { stateFolderName } from './local-path.ts'

export interface RunFolder {
  /** `root/.crosstrail`: journals go here. */
  readonly stateFolder: string
  /** Temp files of this run, on the file system of the mirror and out of its tree. */
  readonly tempFolder: string
}

/**
 * Makes the mirror's root (with its parents), its state folder and a temp folder for this run, and clears the temp folders of dead
 * runs. Throws `disk.not-a-folder`, `disk.not-writable`, `disk.full`.
 */
export function openRunFolder(root: string): RunFolder {
  const stateFolder = openStateFolder(root)
  const tempRoot = join(stateFolder, 'tmp')
  makeFolder(tempRoot, lstatSync)
  clearDeadRuns(tempRoot)

  const tempFolder = join(tempRoot, `${thisHost()}-${process.pid}-${randomBytes(6).toString('hex')}`)
  makeFolder(tempFolder, lstatSync)
  return { stateFolder, tempFolder }
}

/** Makes the root (with its parents) and its state folder, and returns that one. Throws as `openRunFolder`. */
export function openStateFolder(root: string): string {
  makeFolder(root, statSync)
  try {
    accessSync(root, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw diskError(error, root)
  }
  const stateFolder = join(root, stateFolderName)
  makeFolder(stateFolder, lstatSync)
  return stateFolder
}

/** Whether the file system tells names apart that differ only by case or by unicode normalisation. */
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

/** What becomes of a temp folder that another run made. */
export interface ForeignRun {
  readonly sameHost: boolean
  readonly processAlive: boolean
  readonly isOwnPid: boolean
  /** It was last changed before this process began. */
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

const dayMs = 24 * 60 * 60 * 1000

function clearDeadRuns(tempRoot: string): void {
  for (const name of readdirSync(tempRoot)) {
    const match = /^(.+)-(\d+)-[0-9a-f]{12}$/.exec(name)
    const path = join(tempRoot, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (match === null || stats === undefined) continue
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
      // Another user's leftovers are not ours to judge, and in nobody's way.
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

function makeFolder(path: string, look: (path: string) => Stats): void {
  try {
    makeWithParents(path)
    if (look(path).isDirectory()) return
  } catch (error) {
    const errno = errnoOf(error)
    if (errno !== 'EEXIST' && errno !== 'ENOTDIR') throw diskError(error, path)
  }
  throw new CrosstrailError('disk.not-a-folder', `${path} is not a folder`, {
    hint: 'choose another folder, or move away what is there',
    facts: { path },
  })
}

/** Not `recursive`: Node never returns from that where a file system answers ENOENT to every mkdir, as /proc does. */
function makeWithParents(path: string): void {
  try {
    makeOne(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    makeWithParents(dirname(path))
    makeOne(path)
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    // Some systems answer for a read-only or guarded parent before they see that the folder is there.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
