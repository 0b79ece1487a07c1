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
/** It is read as one text. */
const mostBytes = constants.MAX_STRING_LENGTH

/**
 * Writes coverage so that it is there whole, or the one before is; that one is kept beside it. On disk when it returns, a power cut
 * notwithstanding. `body`: a JSON object in text, whose checksum the file holds. Throws `disk.…`.
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
 * The JSON value that was written, or undefined where there never was one. Throws `coverage.damaged` for what was not written whole by
 * crosstrail or was changed since, `coverage.newer` for what a later version wrote, `disk.not-a-file` if this file or the one before it is
 * no file, `disk.…`.
 */
export function readCoverageFile(folder: string): unknown {
  const file = join(folder, coverageFileName)
  const previous = join(folder, previousCoverageFileName)
  const isBeforeThere = onDisk(previous, () => isRegularFile(previous))
  const text = onDisk(file, () => readRegularFile(file, mostBytes)?.toString('utf8'))
  if (text === undefined) {
    if (!isBeforeThere) return undefined
    throw coverageDamaged(file, 'is gone, and the one before it is still there')
  }
  const [, written, checksum, rest] = headPattern.exec(text) ?? []
  if (written === undefined || checksum === undefined || rest === undefined) throw unreadable(file, text)
  if (Number(written) > version) throw newer(file, Number(written))
  if (sha256(rest) !== checksum) throw coverageDamaged(file, 'does not match its checksum')
  try {
    return JSON.parse(`{${rest}`) as unknown
  } catch (cause) {
    throw coverageDamaged(file, 'is no JSON', cause)
  }
}

const headPattern = /^\{\n"version": (\d+),\n"checksum": "([0-9a-f]{64})",\n([^]*)$/

function head(of: number, checksum: string): string {
  return `{\n"version": ${of},\n"checksum": "${checksum}",\n`
}

/** False where there is none yet. Throws `disk.not-a-file`. */
function linkOrCopy(file: string, kept: string): boolean {
  if (!isRegularFile(file)) return false
  try {
    linkSync(file, kept)
  } catch (error) {
    // File systems without hard links
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '')) throw error
    copyFileSync(file, kept)
  }
  return true
}

/** A later version may have another shape, and still says its number. */
function unreadable(file: string, text: string): CrosstrailError {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return coverageDamaged(file, 'is not whole', cause)
  }
  const written = typeof value === 'object' && value !== null && 'version' in value ? Number(value.version) : Number.NaN
  return written > version ? newer(file, written) : coverageDamaged(file, 'is none that crosstrail wrote')
}

/** `says`: what is wrong with it, as the rest of a sentence. */
export function coverageDamaged(file: string, says: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('coverage.damaged', `the coverage ${file} ${says}`, {
    hint: `move ${previousCoverageFileName} beside it into its place to go on from the state before, which fetches a little twice; to begin anew, remove both`,
    facts: { file },
    cause,
  })
}

function newer(file: string, written: number): CrosstrailError {
  return new CrosstrailError('coverage.newer', `the coverage ${file} is of version ${written}, this is ${version}`, {
    hint: 'use the version of crosstrail that wrote it, or a later one',
    facts: { file, version: written },
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
