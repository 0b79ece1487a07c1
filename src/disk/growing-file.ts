import { closeSync, fsyncSync, ftruncateSync, fstatSync, readSync, writeSync } from 'node:fs'
import { diskError } from './disk-error.ts'
import { openRegularFile } from './regular-file.ts'

/** A file that grows by what is appended, 0600, and can be cut back to a length it had. All throw `disk.…`. */
export class GrowingFile {
  readonly path: string
  readonly #fd: number
  #sizeBytes: number

  /** Cuts what lies behind `keepBytes`. The file may be shorter; `sizeBytes` says how long it is. Throws `disk.not-a-file`. */
  constructor(path: string, keepBytes: number) {
    this.path = path
    this.#fd = this.#guard(() => openRegularFile(path, 'append'))
    this.#sizeBytes = this.#guard(() => {
      const { size } = fstatSync(this.#fd)
      if (size > keepBytes) ftruncateSync(this.#fd, keepBytes)
      return Math.min(size, keepBytes)
    })
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** All of it, or nothing. */
  append(bytes: Uint8Array): void {
    this.#guard(() => {
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written)
      } catch (error) {
        ftruncateSync(this.#fd, this.#sizeBytes)
        throw error
      }
      this.#sizeBytes += bytes.length
    })
  }

  /** Takes back what was appended behind a length it had. */
  cut(sizeBytes: number): void {
    this.#guard(() => ftruncateSync(this.#fd, sizeBytes))
    this.#sizeBytes = sizeBytes
  }

  read(): Buffer {
    return this.#guard(() => {
      const bytes = Buffer.alloc(this.#sizeBytes)
      let at = 0
      while (at < bytes.length) {
        const count = readSync(this.#fd, bytes, at, bytes.length - at, at)
        if (count === 0) break
        at += count
      }
      return bytes.subarray(0, at)
    })
  }

  sync(): void {
    this.#guard(() => fsyncSync(this.#fd))
  }

  close(): void {
    this.#guard(() => closeSync(this.#fd))
  }

  #guard<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      throw diskError(error, this.path)
    }
  }
}
