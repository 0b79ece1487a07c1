import { closeSync, fstatSync } from 'node:fs'
import { CrosstrailError } from '../error.ts'
import { errnoOf } from './disk-error.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { openRegularFile, readWhole } from './regular-file.ts'

export interface LockHolder extends ProcessIdentity {
  readonly since: string
  readonly nonce: string
}

const mostBytes = 64 * 1024

/**
 * Returns the holder that a lock names and its last sign of life by the clock of the file system, or undefined if there is no lock. Throws
 * `lock.unreadable` for a file that names no holder, `disk.not-a-file`, and system errors.
 */
export function readLockHolder(file: string): (LockHolder & { readonly heardMs: number }) | undefined {
  let descriptor: number
  try {
    descriptor = openRegularFile(file, 'read')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return { ...holderIn(file, readWhole(file, descriptor, mostBytes)), heardMs: fstatSync(descriptor).mtimeMs }
  } finally {
    closeSync(descriptor)
  }
}

function holderIn(file: string, bytes: Buffer): LockHolder {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw unreadable(file, 'it is not valid JSON', cause)
  }
  if (!isHolder(value)) throw unreadable(file, 'it names no process')
  return value
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false
  const { pid, host, since, nonce, ...others } = value as Readonly<Record<string, unknown>>
  return (
    typeof pid === 'number' &&
    Number.isSafeInteger(pid) &&
    pid > 0 &&
    [host, since].every((text) => typeof text === 'string') &&
    // It becomes part of a file name.
    typeof nonce === 'string' &&
    /^[0-9a-f]{1,64}$/.test(nonce) &&
    ['boot', 'pidSpace', 'startTicks'].every((name) => ['string', 'undefined'].includes(typeof others[name]))
  )
}

function unreadable(file: string, why: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('lock.unreadable', `the lock ${file} cannot be read: ${why}`, {
    hint: 'if no pull is running, remove the file',
    facts: { file },
    cause,
  })
}
