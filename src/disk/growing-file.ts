import { closeSync, fsyncSync, ftruncateSync, fstatSync, readSync, writeSync } from 'node:fs'
import { onDisk } from './disk-error.ts'
import { openRegularFile } from './regular-file.ts'

/** A file, 0600, that can be appended to and cut back. All methods throw `disk.…`. */
export class GrowingFile {
  readonly path: string
  /** Undefined after `release`. */
  #fd: number | undefined
  #sizeBytes: number
  /** Whether something was appended since the last sync. */
  #isDirty = false

  /** Cuts the file after `keepBytes`. The file may be shorter; see `sizeBytes`. Throws `disk.not-a-file`. */
  constructor(path: string, keepBytes: number) {
    this.path = path
    this.#sizeBytes = onDisk(this.path, () => {
      const fd = openRegularFile(path, 'append')
      this.#fd = fd
      const { size } = fstatSync(fd)
      if (size > keepBytes) ftruncateSync(fd, keepBytes)
      return Math.min(size, keepBytes)
    })
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  append(bytes: Uint8Array): void {
    onDisk(this.path, () => {
      const fd = this.#open()
      this.#isDirty = true
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
      } catch (error) {
        ftruncateSync(fd, this.#sizeBytes)
        throw error
      }
      this.#sizeBytes += bytes.length
    })
  }

  cut(sizeBytes: number): void {
    onDisk(this.path, () => ftruncateSync(this.#open(), sizeBytes))
    this.#isDirty = true
    this.#sizeBytes = sizeBytes
  }

  read(): Buffer {
    return onDisk(this.path, () => {
      const fd = this.#open()
      const bytes = Buffer.alloc(this.#sizeBytes)
      let at = 0
      while (at < bytes.length) {
        const count = readSync(fd, bytes, at, bytes.length - at, at)
        if (count === 0) break
        at += count
      }
      return bytes.subarray(0, at)
    })
  }

  sync(): void {
    if (!this.#isDirty) return
    onDisk(this.path, () => fsyncSync(this.#open()))
    this.#isDirty = false
  }

  /** Syncs the file and closes its descriptor until the next use, because the number of open files is limited. */
  release(): void {
    this.sync()
    this.close()
  }

  close(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) onDisk(this.path, () => closeSync(fd))
  }

  #open(): number {
    this.#fd ??= openRegularFile(this.path, 'append')
    return this.#fd
  }
}
