import {
  closeSync,
  fsyncSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { errnoOf, onDisk } from './disk-error.ts'

export interface WholeFileOptions {
  /** Path of the partial file: on the same file system as `final`, and not existing yet. */
  readonly temp: string
  readonly final: string
  readonly mtimeMs: number
  /** If false and the final name is taken, the existing file stays and `object.name-collision` is thrown. */
  readonly replace: boolean
  /** Also survives a power cut. Costs two waits for the disk. */
  readonly durable?: boolean | undefined
  /** Called right before the file gets its final name. If it throws, the file does not get it. */
  readonly confirm?: (() => void) | undefined
}

export interface WholeFileWriter {
  write(bytes: Uint8Array): void
  commit(): void
  /** Removes the partial file. May be called at any time, also after a failed write; after `commit` it does nothing. */
  abort(): void
}

/** Writes a file, 0600, that appears under its final name complete or not at all. Throws as `diskError`, and then leaves no temp file. */
export function writeWhole(options: WholeFileOptions, bytes: Uint8Array): void {
  const writer = createWhole(options)
  try {
    writer.write(bytes)
    writer.commit()
  } finally {
    writer.abort()
  }
}

/** Does the same in pieces, for bodies too large for memory. */
export function createWhole(options: WholeFileOptions): WholeFileWriter {
  return new WholeFile(options)
}

/** Calls are synchronous because they cost a sixth of the asynchronous ones. */
class WholeFile implements WholeFileWriter {
  readonly #options: WholeFileOptions
  #fd: number | undefined
  #tempIsThere = true

  constructor(options: WholeFileOptions) {
    this.#options = options
    this.#fd = onDisk(options.temp, () => openSync(options.temp, 'wx', 0o600))
  }

  write(bytes: Uint8Array): void {
    const fd = this.#open()
    onDisk(this.#options.temp, () => writeAll(fd, bytes))
  }

  commit(): void {
    const { temp, final, mtimeMs, replace, durable, confirm } = this.#options
    const fd = this.#open()
    onDisk(temp, () => {
      futimesSync(fd, mtimeMs / 1000, mtimeMs / 1000)
      if (durable === true) fsyncSync(fd)
      this.#close()
    })
    onDisk(final, () => {
      confirm?.()
      if (replace) renameSync(temp, final)
      else if (!moveIfFree(temp, final)) throw nameTaken(final)
      this.#tempIsThere = false
      if (durable === true) syncFolder(dirname(final))
    })
  }

  abort(): void {
    if (!this.#tempIsThere) return
    this.#tempIsThere = false
    const { temp } = this.#options
    onDisk(temp, () => {
      this.#close()
      rmSync(temp, { force: true })
    })
  }

  #open(): number {
    if (this.#fd === undefined) throw new Error(`${this.#options.temp} is closed`)
    return this.#fd
  }

  #close(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) closeSync(fd)
  }
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  let offset = 0
  while (offset < bytes.length) offset += writeSync(fd, bytes, offset)
}

/**
 * Gives a file its name, and returns whether the name was free. A link fails if the name is taken; a rename would replace the file. On file systems
 * without hard links, another process may take the name at the same moment and is replaced then.
 */
export function moveIfFree(temp: string, final: string): boolean {
  try {
    linkSync(temp, final)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') return false
    // File systems without hard links (FAT, some network ones).
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'EOPNOTSUPP' && errno !== 'ENOSYS') throw error
    if (lstatSync(final, { throwIfNoEntry: false }) !== undefined) return false
    renameSync(temp, final)
    return true
  }
  unlinkSync(temp)
  return true
}

function nameTaken(final: string): CrosstrailError {
  return new CrosstrailError('object.name-collision', `${final} was written for another key a moment ago`, {
    hint: 'use --layout key, and a file system that distinguishes upper and lower case',
    facts: { path: final },
  })
}

function syncFolder(path: string): void {
  // Windows cannot open a folder, and needs no such call.
  if (process.platform === 'win32') return
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
