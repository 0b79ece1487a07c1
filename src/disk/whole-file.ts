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
  /** Where it grows: on the same file system as `final`, and not there yet. */
  readonly temp: string
  /** Its folder exists. */
  readonly final: string
  readonly mtimeMs: number
  /** False: whatever lies under the final name by then stays, and `object.name-collision` is thrown. */
  readonly replace: boolean
  /** Survives a power cut too, at the price of two waits for the disk. */
  readonly durable?: boolean | undefined
  /** Called right before the file gets its final name. What it throws keeps the file from that. */
  readonly confirm?: (() => void) | undefined
}

export interface WholeFileWriter {
  write(bytes: Uint8Array): void
  /** Gives it its final name. */
  commit(): void
  /** Leaves nothing. May be called at any time, also after a failed write; after `commit` it does nothing. */
  abort(): void
}

/** Writes a file, 0600, that appears under its final name whole or not at all. Throws what `diskError` says, and leaves no temp file then. */
export function writeWhole(options: WholeFileOptions, bytes: Uint8Array): void {
  const writer = createWhole(options)
  try {
    writer.write(bytes)
    writer.commit()
  } finally {
    writer.abort()
  }
}

/** The same in pieces, for bodies too large to hold. */
export function createWhole(options: WholeFileOptions): WholeFileWriter {
  return new WholeFile(options)
}

/** Calls are synchronous: they cost a sixth of the asynchronous ones. */
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
      else moveWithoutReplacing(temp, final)
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

/** A link fails where the name is taken; a rename would replace it. */
function moveWithoutReplacing(temp: string, final: string): void {
  try {
    linkSync(temp, final)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') throw nameTaken(final)
    // File systems without hard links (FAT, some network ones).
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'EOPNOTSUPP' && errno !== 'ENOSYS') throw error
    if (lstatSync(final, { throwIfNoEntry: false }) !== undefined) throw nameTaken(final)
    renameSync(temp, final)
    return
  }
  unlinkSync(temp)
}

function nameTaken(final: string): CrosstrailError {
  return new CrosstrailError('object.name-collision', `${final} was just written for another key`, {
    hint: 'download with --layout key, to a file system that tells upper from lower case',
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
