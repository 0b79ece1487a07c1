import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

import { CrosstrailError } from '../error.ts'
import { demandTrusted, runningUser, type RunningUser } from './found-file.ts'
import { showText } from './show.ts'

export const maxConfigBytes = 1024 * 1024

/**
 * Reads the text of a config file, without a byte order mark.
 * Throws `config.not-found`, `config.not-a-file`, `config.too-large`, `config.not-text` or `config.unreadable`.
 */
export function readConfigText(file: string): string {
  return readText(file, constants.O_RDONLY, (stats) => {
    if (stats.isDirectory()) throw notAFile(file)
  })
}

/**
 * The same for a file that was found, not named. It must be a regular file that `demandTrusted` accepts. The checks use the open file, so
 * replacing it in between has no effect, and a link is checked by its target. `name` is the name that the user would give to `--config`.
 */
export function readFoundConfig(file: string, name: string, user: RunningUser | undefined = runningUser()): string {
  // Without O_NONBLOCK, a pipe in place of the file would make this wait for a writer.
  return readText(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), (stats) => {
    if (!stats.isFile()) throw notAFile(file)
    demandTrusted(name, stats, user)
  })
}

function readText(file: string, flags: number, demand: (stats: Stats) => void): string {
  try {
    return decode(file, readBytes(file, flags, demand))
  } catch (error) {
    if (error instanceof CrosstrailError) throw error
    throw readFailure(file, error)
  }
}

function readBytes(file: string, flags: number, demand: (stats: Stats) => void): Buffer {
  const descriptor = openSync(file, flags)
  try {
    const stats = fstatSync(descriptor)
    demand(stats)
    if (stats.size > maxConfigBytes) throw tooLarge(file, `${stats.size}`)
    // A pipe reports no size, so reading stops one byte above the limit.
    const bytes = Buffer.alloc(maxConfigBytes + 1)
    let length = 0
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null)
      length += read
      if (read === 0 || length === bytes.length) break
    }
    if (length > maxConfigBytes) throw tooLarge(file, `more than ${maxConfigBytes}`)
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

function decode(file: string, bytes: Buffer): string {
  if (bytes.includes(0)) throw notText(file, 'a NUL byte')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw notText(file, 'bytes that are not UTF-8', cause)
  }
}

function readFailure(file: string, cause: unknown): CrosstrailError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  if (reason === 'ENOENT' || reason === 'ENOTDIR') {
    return new CrosstrailError('config.not-found', `there is no config file ${showText(file)}`, {
      hint: 'name another with --config or CROSSTRAIL_CONFIG',
      facts: { file },
      cause,
    })
  }
  // On Windows, opening a folder already fails.
  if (reason === 'EISDIR') return notAFile(file)
  return new CrosstrailError('config.unreadable', `the config file ${showText(file)} cannot be read: ${reason}`, {
    hint: 'check its permissions',
    facts: { file, reason },
    cause,
  })
}

function notAFile(file: string): CrosstrailError {
  return new CrosstrailError('config.not-a-file', `the config ${showText(file)} is not a regular file`, {
    hint: 'name a file, not a folder or a device',
    facts: { file },
  })
}

function tooLarge(file: string, size: string): CrosstrailError {
  return new CrosstrailError('config.too-large', `the config file ${showText(file)} has ${size} bytes`, {
    hint: `the limit is ${maxConfigBytes} bytes; check that this is the right file`,
    facts: { file, limitBytes: maxConfigBytes },
  })
}

function notText(file: string, found: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('config.not-text', `the config file ${showText(file)} contains ${found}`, {
    hint: 'save it as YAML or JSON in UTF-8',
    facts: { file },
    cause,
  })
}
