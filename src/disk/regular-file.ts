import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'
import { CrosstrailError } from '../error.ts'
import { errnoOf } from './disk-error.ts'

/** `update` reads and writes an existing file. `append` creates the file, 0600, if it is missing. */
export type FileUse = 'read' | 'update' | 'append'

const { O_RDONLY, O_RDWR, O_APPEND, O_CREAT } = constants
// Windows has neither flag.
const noFollow = (constants.O_NOFOLLOW as number | undefined) ?? 0
/** A flag for `open`, so that it does not wait for the other end of a FIFO. */
export const noWait = (constants.O_NONBLOCK as number | undefined) ?? 0

const flagsOf: Readonly<Record<FileUse, number>> = {
  read: O_RDONLY,
  update: O_RDWR,
  append: O_RDWR | O_APPEND | O_CREAT,
}

/**
 * Opens a file of crosstrail. Returns its descriptor, which the caller closes. `followLink` is for a file that the user named. It never
 * waits: a plain open of a FIFO waits for its other end forever and ignores signals.
 *
 * Throws `disk.not-a-file` for a symbolic link, a FIFO, a folder, a socket and a device, and system errors.
 */
export function openRegularFile(path: string, use: FileUse, { followLink = false } = {}): number {
  if (noFollow === 0) isRegularFile(path, { followLink })
  let descriptor: number
  try {
    descriptor = openSync(path, flagsOf[use] | noWait | (followLink ? 0 : noFollow), 0o600)
  } catch (error) {
    // The system reports these with several codes (ELOOP, ENXIO, EISDIR); this throws one clear error for all.
    isRegularFile(path, { followLink })
    throw error
  }
  try {
    refuseOther(path, fstatSync(descriptor))
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Reads such a file whole. Returns undefined if there is none. Throws as `openRegularFile`, and `disk.too-large` above `mostBytes`. */
export function readRegularFile(
  path: string,
  mostBytes: number,
  options: { readonly followLink?: boolean } = {},
): Buffer | undefined {
  let descriptor: number
  try {
    descriptor = openRegularFile(path, 'read', options)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return readWhole(path, descriptor, mostBytes)
  } finally {
    closeSync(descriptor)
  }
}

/** Reads an open file from start to end. Throws `disk.too-large`. */
export function readWhole(path: string, descriptor: number, mostBytes: number): Buffer {
  const { size } = fstatSync(descriptor)
  const pieces: Buffer[] = []
  // The file may grow meanwhile.
  for (let at = 0, room = size + 1; ; room = 64 * 1024) {
    if (Math.max(at, size) > mostBytes) throw tooLarge(path, Math.max(at, size), mostBytes)
    const piece = Buffer.allocUnsafe(room)
    const length = readSync(descriptor, piece, 0, room, at)
    if (length === 0) return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
    pieces.push(piece.subarray(0, length))
    at += length
    // Less than asked for, and all that the file had: this was its end, and a read to be told so costs as much as the first.
    if (length < room && at === size) return pieces.length === 1 ? piece.subarray(0, length) : Buffer.concat(pieces)
  }
}

/** Returns false if there is nothing. Throws `disk.not-a-file` for anything but a regular file. */
export function isRegularFile(path: string, { followLink = false } = {}): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return false
  if (!(followLink && stats.isSymbolicLink())) refuseOther(path, stats)
  return true
}

function refuseOther(path: string, stats: Stats): void {
  if (stats.isFile()) return
  const what = kindOf(stats)
  throw new CrosstrailError('disk.not-a-file', `${path} is ${what}, not a regular file`, {
    hint: 'find out who put it there, and remove it',
    facts: { path, what },
  })
}

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link'
  if (stats.isFIFO()) return 'a FIFO'
  if (stats.isDirectory()) return 'a folder'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

function tooLarge(path: string, sizeBytes: number, mostBytes: number): CrosstrailError {
  const message = `${path} has at least ${sizeBytes} bytes, but at most ${mostBytes} are allowed`
  return new CrosstrailError('disk.too-large', message, {
    hint: 'crosstrail does not write files this large: find out who changed it, and move it away',
    facts: { path, sizeBytes, mostBytes },
  })
}
