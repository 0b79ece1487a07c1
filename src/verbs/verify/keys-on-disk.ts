import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { diskError } from '../../disk/disk-error.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import { keysFileText, parseKeysFile } from './keys-file.ts'
import { type PublicKey, PublicKeys } from './public-keys.ts'

const mostBytes = 64 * 1024 * 1024

/** Reads the file of `--keys`. Throws `config.public-key`, and `usage.unreadable-file`. */
export function readKeysFile(path: string): PublicKeys {
  return new PublicKeys(parseKeysFile(textOf(path), path))
}

function textOf(path: string): string {
  let bytes: Buffer | undefined
  let why = 'it does not exist'
  let cause: unknown
  try {
    bytes = readRegularFile(path, mostBytes, { followLink: true })
  } catch (error) {
    cause = error
    why = error instanceof Error ? error.message : String(error)
  }
  if (bytes !== undefined) return bytes.toString('utf8')
  throw new CrosstrailError('usage.unreadable-file', `cannot read the public keys from ${path}: ${why}`, {
    hint: 'name a file that verify --save-keys or `aws cloudtrail list-public-keys` wrote',
    facts: { path },
    cause,
  })
}

/** Throws `disk.…` if a file cannot be written there, so that a long run does not end with that. */
export function refuseUnwritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    throw diskError(error, dirname(path))
  }
}

/** Writes the file of `--save-keys`, whole or not at all. Public keys are no secret. Throws `disk.…`. */
export function writeKeysFile(path: string, keys: readonly PublicKey[]): void {
  const temp = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  try {
    writeFileSync(temp, keysFileText(keys), { mode: 0o644, flag: 'wx' })
    renameSync(temp, path)
  } catch (error) {
    rmSync(temp, { force: true })
    throw diskError(error, path)
  }
}
