import { createRequire } from 'node:module'
import { DecompressionStreamZlib, setWasmExports } from 'zlib-streams/zlib-streams.js'
import { ownFile } from '../loader/own-file.ts'
import { Slots } from './slots.ts'

/** Limits the streams of this thread. */
export const inflateSlots = new Slots(16)

/**
 * One gzip member that is unzipped in bounded memory. zlib-streams drops the data after a member, leaks a stream that is cancelled, and
 * crashes at some 90 streams at a time. So `write` returns how much the member used, every member must be closed by `end` or `drop`, and
 * members are opened only inside `inflateSlots`.
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

  /** Returns how many of the bytes belong to the member. It is fewer than given only if the member ended. Throws the error of zlib or of the sink. */
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

  /** Waits until the sink has everything. Throws zlib's error if the member is incomplete, and the sink's error. */
  async end(): Promise<void> {
    // A failed stream has freed itself and refuses to be closed; the reading side has the reason.
    await Promise.allSettled([this.#writer.close()])
    await this.#drained
    if (this.#sinkFailure !== undefined) throw this.#sinkFailure.error
  }

  /** Frees the memory in any state, by closing. Cancelling would leak. */
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

/** Returns zlib's code behind an error of zlib-streams: -3 corrupt, -5 ended early. */
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
  /** Call it right after a stream was made. */
  progressOfNewest(): Progress
}

let loaded: CountingWasm | undefined

/** Puts a counter between zlib-streams and its wasm. Only there one can see where a member ended. */
function loadWasm(): CountingWasm {
  if (loaded !== undefined) return loaded
  const inPackage = () => createRequire(import.meta.url).resolve('zlib-streams/zlib-streams.wasm')
  const exports = new WebAssembly.Instance(new WebAssembly.Module(ownFile('zlib-streams.wasm', inPackage)))
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
