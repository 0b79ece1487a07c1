import { closeSync, openSync, readSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, onDisk } from './disk-error.ts'
import { makeNamedFolder } from './make-folder.ts'
import { openTempFolder } from './run-folder.ts'
import { writeAll } from './whole-file.ts'

/**
 * A file, 0600, for this process alone. It is unlinked as soon as it is open, so no other process finds it and a killed process leaves
 * none. If the process is killed before that, the file is cleared with the temp folders of dead runs. All methods throw `disk.…`.
 */
export class PrivateFile {
  readonly #path: string
  readonly #tempFolder: string
  readonly #descriptor: number

  /** `stateFolder` is the folder of journals. It is made if it is missing. */
  constructor(stateFolder: string) {
    makeNamedFolder(stateFolder)
    this.#tempFolder = openTempFolder(stateFolder)
    this.#path = join(this.#tempFolder, 'copy')
    try {
      this.#descriptor = onDisk(this.#path, () => openSync(this.#path, 'wx+', 0o600))
      onDisk(this.#path, () => unlinkSync(this.#path))
    } finally {
      this.#removeFolder()
    }
  }

  write(bytes: Uint8Array): void {
    onDisk(this.#path, () => writeAll(this.#descriptor, bytes))
  }

  /** Reads into the buffer from offset `at`. Returns the number of bytes, 0 at the end. */
  read(buffer: Buffer, at: number): number {
    return onDisk(this.#path, () => readSync(this.#descriptor, buffer, 0, buffer.length, at))
  }

  close(): void {
    onDisk(this.#path, () => closeSync(this.#descriptor))
    this.#removeFolder()
  }

  /** Windows frees the name only when the file is closed, so the folder is removed then. */
  #removeFolder(): void {
    try {
      rmSync(this.#tempFolder, { recursive: true, force: true })
    } catch (error) {
      if (process.platform !== 'win32') throw diskError(error, this.#tempFolder)
    }
  }
}
