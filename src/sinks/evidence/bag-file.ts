import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { writeAll } from '../../disk/whole-file.ts'
import { onBagDisk } from './bag-disk.ts'

const bufferBytes = 64 * 1024

/** A new file of the bag, 0600, that is written in pieces and hashed on the way. All methods throw `disk.…`, and `object.path-occupied`. */
export class BagFile {
  readonly #path: string
  readonly #fd: number
  readonly #hash = createHash('sha256')
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #isOpen = true
  sizeBytes = 0

  constructor(path: string) {
    this.#path = path
    this.#fd = onBagDisk(path, () => openSync(path, 'wx', 0o600))
  }

  /** The bytes must not change afterwards. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= bufferBytes) this.#flush()
  }

  /** Returns the SHA-256, in hexadecimal. */
  finish(): string {
    try {
      this.#flush()
    } finally {
      this.close()
    }
    return this.#hash.digest('hex')
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    onBagDisk(this.#path, () => closeSync(this.#fd))
  }

  #flush(): void {
    const [first] = this.#waiting
    const bytes = this.#waiting.length === 1 && first !== undefined ? first : Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    onBagDisk(this.#path, () => writeAll(this.#fd, bytes))
    this.#hash.update(bytes)
    this.sizeBytes += bytes.length
  }
}
