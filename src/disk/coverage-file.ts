import { constants } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, linkSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf, onDisk } from './disk-error.ts'
import { isRegularFile, readRegularFile } from './regular-file.ts'
import { writeWhole } from './whole-file.ts'

export const coverageFileName = 'coverage.json'
export const previousCoverageFileName = 'coverage.previous.json'
const version = 1
/** The file is read as one string. */
const mostBytes = constants.MAX_STRING_LENGTH

/**
 * Writes the coverage atomically and keeps the previous file beside it. It is safe from a power cut when this returns. `body` is a JSON
 * object as text; the file holds its checksum. Throws `disk.…`.
 */
export function writeCoverageFile(folder: string, body: string): void {
  const file = join(folder, coverageFileName)
  const rest = body.slice(body.indexOf('{') + 1)
  const text = `${head(version, sha256(rest))}${rest}`
  const suffix = randomBytes(6).toString('hex')
  const temp = join(folder, `${coverageFileName}.${suffix}`)
  const kept = join(folder, `${previousCoverageFileName}.${suffix}`)
  const previous = join(folder, previousCoverageFileName)
  try {
    if (linkOrCopy(file, kept)) renameSync(kept, previous)
  } catch (error) {
    throw diskError(error, previous)
  } finally {
    rmSync(kept, { force: true })
  }
  writeWhole({ temp, final: file, mtimeMs: Date.now(), replace: true, durable: true }, Buffer.from(text))
}

/**
 * Returns the JSON value that was written, or undefined if there never was one. Throws `coverage.damaged` if the file is incomplete, was
 * changed or was not written by crosstrail; `coverage.newer` if a later version wrote it; `disk.not-a-file` if it or the previous file is
 * not a regular file; `disk.…`.
 */
export function readCoverageFile(folder: string): unknown {
  const file = join(folder, coverageFileName)
  const previous = join(folder, previousCoverageFileName)
  const isBeforeThere = onDisk(previous, () => isRegularFile(previous))
  const text = onDisk(file, () => readRegularFile(file, mostBytes)?.toString('utf8'))
  if (text === undefined) {
    if (!isBeforeThere) return undefined
    throw coverageDamaged(file, 'is missing, but the previous one exists')
  }
  const [, written, checksum, rest] = headPattern.exec(text) ?? []
  if (written === undefined || checksum === undefined || rest === undefined) throw unreadable(file, text)
  if (Number(written) > version) throw newer(file, Number(written))
  if (sha256(rest) !== checksum) throw coverageDamaged(file, 'does not match its checksum')
  try {
    return JSON.parse(`{${rest}`) as unknown
  } catch (cause) {
    throw coverageDamaged(file, 'is not valid JSON', cause)
  }
}

const headPattern = /^\{\n"version": (\d+),\n"checksum": "([0-9a-f]{64})",\n([^]*)$/

function head(of: number, checksum: string): string {
  return `{\n"version": ${of},\n"checksum": "${checksum}",\n`
}

/** Returns false if there is no file yet. Throws `disk.not-a-file`. */
function linkOrCopy(file: string, kept: string): boolean {
  if (!isRegularFile(file)) return false
  try {
    linkSync(file, kept)
  } catch (error) {
    // File systems without hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '')) throw error
    copyFileSync(file, kept)
  }
  return true
}

/** A later version may have another shape, but still states its number. */
function unreadable(file: string, text: string): CrosstrailError {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return coverageDamaged(file, 'is incomplete or not valid JSON', cause)
  }
  const written = typeof value === 'object' && value !== null && 'version' in value ? Number(value.version) : Number.NaN
  return written > version ? newer(file, written) : coverageDamaged(file, 'was not written by crosstrail')
}

/** `says` is what is wrong with the file, as the rest of a sentence. */
export function coverageDamaged(file: string, says: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('coverage.damaged', `the coverage ${file} ${says}`, {
    hint: `to continue from the previous state, rename ${previousCoverageFileName} in the same folder to ${coverageFileName}; the next pull then fetches a few logs twice. To start from nothing, remove both files`,
    facts: { file },
    cause,
  })
}

function newer(file: string, written: number): CrosstrailError {
  return new CrosstrailError(
    'coverage.newer',
    `the coverage ${file} has version ${written}, but this crosstrail reads only up to version ${version}`,
    {
      hint: 'use the version of crosstrail that wrote it, or a later one',
      facts: { file, version: written },
    },
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
