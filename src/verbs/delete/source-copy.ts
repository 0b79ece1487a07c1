import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { errnoOf } from '../../disk/disk-error.ts'
import { PrivateFile } from '../../disk/private-file.ts'
import { noWait } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import { type FileLine, linesOf, longestLineBytes } from './file-lines.ts'

/** A plan or journal as it was when it was read, once. Whatever becomes of the file, these lines stay. */
export interface SourceCopy {
  /** As the user named it. */
  readonly file: string
  /** False for a FIFO and the like, which cannot be read again. */
  readonly isLasting: boolean
  /** From the first line, each time. */
  readonly lines: () => Generator<FileLine>
  readonly close: () => void
}

export interface CopyRequest {
  /** Where journals go: the copy is kept there, without a name. */
  readonly stateFolder: string
  readonly signal: AbortSignal
}

/** So many deletions are none of one run: a plan of this size names some 180 million. */
export const largestSourceBytes = 64 * 1024 ** 3
const chunkBytes = 1024 * 1024
const bytesPerTurn = 16 * chunkBytes
const longestSilenceMs = 60_000

/**
 * Copies a file, a FIFO or stdin (`/dev/stdin`) to its end, through one descriptor. Signals are heard meanwhile.
 * Throws `usage.unreadable-file`, also for what is larger than 64 GiB, has a line of more than 128 MiB, or is silent for a minute;
 * `disk.…` where there is no room for the copy, and `interrupted`.
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
    return { file, isLasting, lines: () => linesOf(copy), close: () => copy.close() }
  } finally {
    closeSync(descriptor)
  }
}

/** Pieces of the file to its end. A piece is good until the next one is asked for. */
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
  let heardAtMs = performance.now()
  for (;;) {
    if (signal.aborted) throw interrupted(file)
    const length = readable(file, () => readNow(descriptor, buffer))
    // Nobody has opened the other end of a FIFO yet
    const isNotBegun = length === 0 && !isLasting && total === 0
    if (length === undefined || isNotBegun) {
      if (performance.now() - heardAtMs > longestSilenceMs) throw unreadable(file, 'nobody wrote to it for a minute')
      waitMs = Math.min(50, waitMs + 1)
      await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
        throw signal.aborted ? interrupted(file) : error
      })
      continue
    }
    if (length === 0) return
    heardAtMs = performance.now()
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

/** Undefined where the other end of a FIFO is open, and has written nothing more yet. */
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

function interrupted(file: string): CrosstrailError {
  return new CrosstrailError('interrupted', `stopped while ${file} was read`)
}
