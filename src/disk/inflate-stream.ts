import { corruptGzip, inflatesTooMuch, notGzip, requireGzipMagic, truncatedGzip } from './gzip-error.ts'
import type { InflateLimit } from './file-form.ts'
import { GzipMember, inflateSlots, zlibCodeOf } from './zlib-streams.ts'

/** Receives unzipped bytes and may keep them. */
export type InflateSink = (bytes: Uint8Array) => void | Promise<void>

/**
 * Unzips a log that is too large for memory, with the rules and errors of `inflateLog`. Returns the inflated length in bytes. The sink may
 * have received part of it when this throws.
 */
export function inflateStream(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sink: InflateSink,
  limit: InflateLimit,
): Promise<number> {
  return inflateSlots.run(async () => {
    const inflation = new Inflation(sink, limit)
    try {
      for await (const chunk of source) await inflation.write(chunk)
      return await inflation.finish()
    } catch (error) {
      throw explain(error)
    } finally {
      await inflation.drop()
    }
  })
}

/** Deflate expands data at most 1,032 times, so a piece of this size can queue 4 MB of output. */
const pieceBytes = 4096

class Inflation {
  readonly #limit: InflateLimit
  readonly #sink: InflateSink
  #member: GzipMember | undefined
  #consumedBytes = 0
  #inflatedBytes = 0
  #padding = false

  constructor(sink: InflateSink, limit: InflateLimit) {
    this.#sink = sink
    this.#limit = limit
  }

  async write(chunk: Uint8Array): Promise<void> {
    requireGzipMagic(chunk, this.#consumedBytes)
    let offset = 0
    while (offset < chunk.length) {
      const used = await this.#writePiece(chunk.subarray(offset, offset + pieceBytes))
      offset += used
      this.#consumedBytes += used
    }
  }

  async finish(): Promise<number> {
    if (this.#consumedBytes === 0) throw notGzip('it is empty')
    await this.#member?.end()
    return this.#inflatedBytes
  }

  async drop(): Promise<void> {
    await this.#member?.drop()
  }

  async #writePiece(piece: Uint8Array): Promise<number> {
    if (this.#member === undefined && this.#consumedBytes > 0 && piece[0] === 0) this.#padding = true
    if (this.#padding) {
      if (piece.some((byte) => byte !== 0)) throw corruptGzip('there is data after its last member')
      return piece.length
    }
    this.#member ??= new GzipMember((bytes) => this.#take(bytes))
    const used = await this.#member.write(piece)
    if (this.#member.ended) {
      await this.#member.end()
      this.#member = undefined
    }
    return used
  }

  #take(bytes: Uint8Array): void | Promise<void> {
    this.#inflatedBytes += bytes.length
    if (this.#inflatedBytes > this.#limit.maxInflatedBytes) throw inflatesTooMuch(this.#limit.maxInflatedBytes)
    return this.#sink(bytes)
  }
}

function explain(error: unknown): unknown {
  const code = zlibCodeOf(error)
  if (code === -5) return truncatedGzip(error)
  if (code === -3) return corruptGzip('it cannot be unzipped', error)
  return error
}
