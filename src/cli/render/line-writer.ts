import type { Writable } from 'node:stream'
import { CrosstrailError } from '../../error.ts'

const chunkCharacters = 65_536
const longestWaitMs = 50

/**
 * Writes lines to a stream in pieces of 64 KB, because a write per line costs more than making the line. A line waits 50 ms at most.
 *
 * After the stream failed, nothing is written. If its reader closed it (EPIPE), that is not a failure. `flush` throws any other error
 * as `disk.output-failed`.
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

  /** A promise to wait for if the reader is slow; undefined if not. */
  whenWritable(): Promise<void> | undefined {
    return this.#stream.writableNeedDrain && this.#error === undefined ? this.#inFlight : undefined
  }

  /** Resolves when all lines are written. Throws `disk.output-failed`. */
  async flush(): Promise<void> {
    this.#push()
    await this.#inFlight
    if (this.#error === undefined || isClosedPipe(this.#error)) return
    throw new CrosstrailError('disk.output-failed', `the results cannot be written: ${this.#error.message}`, {
      hint: 'check that there is space on the disk that stdout is written to',
      cause: this.#error,
    })
  }

  #push(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#lines.length + this.#bytes.length === 0) return
    // The last line end comes from `join` too: adding it later would copy everything again
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

/** Whether an error means that the reader closed its end. */
export function isClosedPipe(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ECONNRESET'
}
