import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto'
import { statSync } from 'node:fs'
import { runningUser } from '../../config/found-file.ts'
import { errnoOf, onDisk } from '../../disk/disk-error.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import { rememberKey } from '../../secrets/masked-text.ts'
import { shellWord } from '../../trail/shell-word.ts'

export interface SignKey {
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicPem: string
  /** The SHA-256 of the public key's DER, in hexadecimal. */
  readonly sha256: string
  sign(bytes: Uint8Array): Buffer
}

const mostBytes = 64 * 1024

/** Reads an Ed25519 private key in PEM. Throws `usage.sign-key` for everything else, and for a file that others can read. */
export function readSignKey(file: string): SignKey {
  const key = privateKey(file, readSecret(file))
  const publicKey = createPublicKey(key)
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return {
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    sha256: hash('sha256', der, 'hex'),
    sign: (bytes) => sign(null, bytes, key),
  }
}

function readSecret(file: string): string {
  const bytes = onDisk(file, () => {
    const stats = statSync(file, { throwIfNoEntry: false })
    const user = runningUser()
    const isShared = stats !== undefined && user !== undefined && othersRead(stats, user.gid)
    if (isShared) throw refusal(file, 'can be read by other users', `run: chmod 600 ${shellWord(file)}`)
    return read(file)
  })
  if (bytes === undefined) throw refusal(file, 'does not exist', makeOne)
  return bytes.toString('latin1')
}

/** As for a config: many systems give each user a group of one member. */
function othersRead({ mode, gid }: { readonly mode: number; readonly gid: number }, ownGid: number): boolean {
  return (mode & 0o007) !== 0 || ((mode & 0o070) !== 0 && gid !== ownGid)
}

function read(file: string): Buffer | undefined {
  try {
    return readRegularFile(file, mostBytes, { followLink: true })
  } catch (error) {
    if (errnoOf(error) === 'EACCES') throw refusal(file, 'may not be read by this user', 'change its owner or its mode')
    throw error
  }
}

function privateKey(file: string, pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw refusal(
      file,
      'is encrypted',
      `remove the passphrase: openssl pkey -in ${shellWord(file)} -out signing-key.pem`,
    )
  }
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, format: 'pem' })
  } catch {
    // The error may quote the file.
    throw refusal(file, 'is not a private key in PEM', makeOne)
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw refusal(file, `is a key of the type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`, makeOne)
  }
  for (const line of pem.split(/\s+/)) if (line.length > 16 && !line.startsWith('-')) rememberKey(line)
  return key
}

const makeOne = 'make one: (umask 077; openssl genpkey -algorithm ed25519 -out signing-key.pem)'

function refusal(file: string, says: string, hint: string): CrosstrailError {
  return new CrosstrailError('usage.sign-key', `the signing key ${file} ${says}`, { hint, facts: { file } })
}
