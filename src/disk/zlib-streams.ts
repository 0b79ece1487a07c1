import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DecompressionStreamZlib, setWasmExports } from 'zlib-streams/zlib-streams.js'
import { Slots } from './slots.ts'

/** This thread's streams at a time. */
export const inflateSlots = new Slots(16)

/**
 * One gzip member being unzipped in bounded memory. zlib-streams drops what follows a member, leaks a stream that is cancelled, and
 * dies of some 90 streams at once. Hence: `write` tells how much the member used, every member must be ended by `end` or `drop`,
 * and a member is opened inside `inflateSlots` only.
 */
export class GzipMember {
  readonly #writer
  readonly #drained: Promise<void>
  readonly #progress: Progress
  #sinkFailure: { readonly error: unknown } | undefined

  constructor(onOutput: (bytes: Uint8Array) => void | Promise<void>) {
    const wasm = loadWasm()
    const stream = new DecompressionStreamZlib('gzip')
    this.#progress = wasm.progressOfNewest()
    this.#writer = stream.writable.getWriter()
    this.#drained = this.#drain(stream.readable.getReader(), onOutput)
    // Awaited by `end` and `drop`; until then a rejection must not count as unhandled.
    this.#drained.catch(() => undefined)
    this.#writer.closed.catch(() => undefined)
  }

  get ended(): boolean {
    return this.#progress.ended
  }

  /** Returns how many of the bytes belong to the member: fewer than given only where it ended. Throws zlib's or the sink's error. */
  async write(bytes: Uint8Array): Promise<number> {
    const before = this.#progress.consumedBytes
    await this.#writer.write(bytes)
    if (this.#sinkFailure !== undefined) throw this.#sinkFailure.error
    const used = this.#progress.consumedBytes - before
    if (used < bytes.length && !this.ended) {
      await this.end()
      throw new Error('zlib-streams stopped in the middle of a member')
    }
    return used
  }

  /** Waits until the sink has all of it. Throws zlib's error where the member is not complete, and the sink's. */
  async end(): Promise<void> {
    // A stream that failed has freed itself, and refuses to be closed: the reading side knows why.
    await Promise.allSettled([this.#writer.close()])
    await this.#drained
    if (this.#sinkFailure !== undefined) throw this.#sinkFailure.error
  }

  /** Gives the memory back, whatever state it is in. Closing does; cancelling would leak. */
  async drop(): Promise<void> {
    this.#sinkFailure ??= { error: new Error('dropped') }
    await Promise.allSettled([this.#writer.close(), this.#drained])
  }

  async #drain(reader: Reader, onOutput: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      if (this.#sinkFailure !== undefined) continue
      try {
        await onOutput(value)
      } catch (error) {
        this.#sinkFailure = { error }
      }
    }
  }
}

/** Zlib's code behind an error of zlib-streams: -3 corrupt, -5 ended early. */
export function zlibCodeOf(error: unknown): number | undefined {
  const match = error instanceof Error ? /^process error:(-\d+)$/.exec(error.message) : null
  return match === null ? undefined : Number(match[1])
}

type Reader = import('node:stream/web').ReadableStreamDefaultReader<Uint8Array>

interface Progress {
  consumedBytes: number
  ended: boolean
}

interface InflateExports {
  inflate_new(): number
  inflate_process(handle: number, input: number, length: number, output: number, size: number, flush: number): number
  inflate_last_consumed(handle: number): number
  inflate_end(handle: number): number
}

interface CountingWasm {
  /** To be asked right after a stream was made. */
  progressOfNewest(): Progress
}

let loaded: CountingWasm | undefined

/** Puts a counter between zlib-streams and its wasm: the only place that learns where a member ended. */
function loadWasm(): CountingWasm {
  if (loaded !== undefined) return loaded
  const file = createRequire(import.meta.url).resolve('zlib-streams/zlib-streams.wasm')
  const exports = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)))
    .exports as unknown as InflateExports
  const progressByHandle = new Map<number, Progress>()
  let newest: Progress = { consumedBytes: 0, ended: false }

  setWasmExports({
    ...exports,
    inflate_new() {
      const handle = exports.inflate_new()
      newest = { consumedBytes: 0, ended: false }
      progressByHandle.set(handle, newest)
      return handle
    },
    inflate_process(handle: number, input: number, length: number, output: number, size: number, flush: number) {
      const result = exports.inflate_process(handle, input, length, output, size, flush)
      const progress = progressByHandle.get(handle)
      if (progress !== undefined) {
        progress.consumedBytes += length === 0 ? 0 : exports.inflate_last_consumed(handle)
        // The top byte is zlib's code; 1 is Z_STREAM_END.
        if (result >>> 24 === 1) progress.ended = true
      }
      return result
    },
    inflate_end(handle: number) {
      progressByHandle.delete(handle)
      return exports.inflate_end(handle)
    },
  })
  loaded = { progressOfNewest: () => newest }
  return loaded
}
