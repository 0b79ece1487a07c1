import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { errnoOf } from '../../disk/disk-error.ts'
import { PrivateFile } from '../../disk/private-file.ts'
import { noWait } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import { type FileLine, linesOf, longestLineBytes, stopped } from '../../disk/file-lines.ts'

/** A plan or journal as it was when it was read. Later changes to the file do not change these lines. */
export interface SourceCopy {
  /** As the user named it. */
  readonly file: string
  /** False for a FIFO and the like, which cannot be read again. */
  readonly isLasting: boolean
  /** From the first line, each time. Throws `disk.…`, and `interrupted` once the signal is aborted. */
  readonly lines: (signal: AbortSignal) => AsyncGenerator<FileLine>
  readonly close: () => void
}

export interface CopyRequest {
  /** The folder of journals. The copy is kept there, without a name. */
  readonly stateFolder: string
  readonly signal: AbortSignal
}

/** A plan of this size has some 180 million deletions: more than one run makes. */
export const largestSourceBytes = 64 * 1024 ** 3
const chunkBytes = 1024 * 1024
const bytesPerTurn = 16 * chunkBytes
const longestSilenceMs = 60_000

/**
 * Copies a file, a FIFO or stdin (`/dev/stdin`) to its end, through one descriptor. Signals are handled meanwhile.
 * Throws `usage.unreadable-file`, also if it is larger than 64 GiB, has a line of more than 128 MiB, or sends nothing for a minute.
 * Throws `disk.…` if there is no room for the copy, and `interrupted`.
 */
export async function copySource(file: string, { stateFolder, signal }: CopyRequest): Promise<SourceCopy> {
  const descriptor = readable(file, () => openSync(file, constants.O_RDONLY | noWait))
  try {
    const stats = readable(file, () => fstatSync(descriptor))
    if (stats.isDirectory()) throw unreadable(file, 'it is a folder')
    const isLasting = stats.isFile()
    const copy = new PrivateFile(stateFolder)
    try {
      for await (const chunk of chunksOf(file, descriptor, isLasting, signal)) copy.write(chunk)
    } catch (error) {
      copy.close()
      throw error
    }
    const read: PrivateFile['read'] = (buffer, at) => copy.read(buffer, at)
    return { file, isLasting, lines: (reading) => linesOf(file, { read }, reading), close: () => copy.close() }
  } finally {
    closeSync(descriptor)
  }
}

/** Pieces of the file to its end. A piece is valid until the next one is read. */
async function* chunksOf(
  file: string,
  descriptor: number,
  isLasting: boolean,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(chunkBytes)
  let total = 0
  let lineBytes = 0
  let waitMs = 0
  let readAtMs = performance.now()
  for (;;) {
    if (signal.aborted) throw stopped(file)
    const length = readable(file, () => readNow(descriptor, buffer))
    // The other end of a FIFO is not open yet
    const isNotBegun = length === 0 && !isLasting && total === 0
    if (length === undefined || isNotBegun) {
      if (performance.now() - readAtMs > longestSilenceMs)
        throw unreadable(file, 'nothing was written to it for a minute')
      waitMs = Math.min(50, waitMs + 1)
      await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
        throw signal.aborted ? stopped(file) : error
      })
      continue
    }
    if (length === 0) return
    readAtMs = performance.now()
    waitMs = 0
    const chunk = buffer.subarray(0, length)
    const firstEnd = chunk.indexOf(10)
    if (lineBytes + (firstEnd === -1 ? length : firstEnd) > longestLineBytes)
      throw unreadable(file, 'a line is longer than 128 MiB')
    lineBytes = firstEnd === -1 ? lineBytes + length : length - chunk.lastIndexOf(10) - 1
    if (total + length > largestSourceBytes) throw unreadable(file, 'it is larger than 64 GiB')
    yield chunk
    if (Math.floor(total / bytesPerTurn) !== Math.floor((total + length) / bytesPerTurn)) await setImmediate()
    total += length
  }
}

/** Undefined if the other end of a FIFO is open and has written nothing more yet. */
function readNow(descriptor: number, buffer: Buffer): number | undefined {
  try {
    return readSync(descriptor, buffer)
  } catch (error) {
    if (errnoOf(error) === 'EAGAIN') return undefined
    throw error
  }
}

function readable<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function unreadable(file: string, why: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('usage.unreadable-file', `cannot read ${file}: ${why}`, {
    hint: 'name a file that crosstrail wrote: a plan for --from-plan, a journal for --journal',
    facts: { file },
    cause,
  })
}
