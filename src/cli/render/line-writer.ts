import type { Writable } from 'node:stream'
import { CrosstrailError } from '../../error.ts'

const chunkCharacters = 65_536
const longestWaitMs = 50

/**
 * Lines to a stream in pieces of 64 KB, since a write for each would cost more than making the line. A line waits 50 ms at most.
 *
 * Nothing is written after the stream has failed. That its reader has gone (EPIPE) is no failure; any other is, and `flush` throws
 * it as `disk.output-failed`.
 */
export class LineWriter {
  readonly #stream: Writable
  #lines: string[] = []
  #bytes: Uint8Array[] = []
  #characters = 0
  #timer: NodeJS.Timeout | undefined
  #error: Error | undefined
  #inFlight: Promise<void> = Promise.resolve()

  constructor(stream: Writable) {
    this.#stream = stream
  }

  write(line: string): void {
    this.#lines.push(line)
    this.#characters += line.length
    if (this.#characters >= chunkCharacters) this.#push()
    else this.#timer ??= setTimeout(() => this.#push(), longestWaitMs)
  }

  /** Writes lines that are bytes already, each with its end. Not to be mixed with `write`. */
  writeBytes(lines: Uint8Array): void {
    this.#bytes.push(lines)
    this.#characters += lines.length
    if (this.#characters >= chunkCharacters) this.#push()
    else this.#timer ??= setTimeout(() => this.#push(), longestWaitMs)
  }

  /** A promise to wait for while the reader is slow; undefined while it keeps up. */
  whenWritable(): Promise<void> | undefined {
    return this.#stream.writableNeedDrain && this.#error === undefined ? this.#inFlight : undefined
  }

  /** Resolves when all that was written has left. Throws `disk.output-failed`. */
  async flush(): Promise<void> {
    this.#push()
    await this.#inFlight
    if (this.#error === undefined || isClosedPipe(this.#error)) return
    throw new CrosstrailError('disk.output-failed', `the results cannot be written: ${this.#error.message}`, {
      hint: 'see that there is room where stdout goes',
      cause: this.#error,
    })
  }

  #push(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#lines.length + this.#bytes.length === 0) return
    // Not `join` and then one more: that copies it all again.
    this.#lines.push('')
    const chunk = this.#bytes.length > 0 ? Buffer.concat(this.#bytes) : this.#lines.join('\n')
    this.#lines = []
    this.#bytes = []
    this.#characters = 0
    if (this.#error !== undefined) return
    this.#inFlight = new Promise((resolve) => {
      this.#stream.write(chunk, (error) => {
        this.#error ??= error ?? undefined
        resolve()
      })
    })
  }
}

/** Whether an error says that the reader at the other end has gone. */
export function isClosedPipe(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ECONNRESET'
}
