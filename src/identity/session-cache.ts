import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Keyring, keepsNothing } from './keyring.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface KeptSession {
  readonly keys: SigningKeys & { readonly expiresAtMs: number }
  readonly assumedRoleArn: string
}

/** Sessions on disk, encrypted with a key that only the platform's keyring holds. `identity` is a text of everything that determines the session. */
export interface SessionCache {
  /** Returns undefined if there is no entry, or only a corrupt one. The session may have expired. */
  take(identity: string): KeptSession | undefined
  /** Replaces the whole entry. Throws what the file system throws. */
  keep(identity: string, session: KeptSession): void
}

/** STS: the longest session. */
const longestSessionMs = 43_200_000
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

export interface CacheFiles {
  /** Reads a whole file; returns undefined if there is none. Throws for anything but a regular file, and never blocks on one. */
  readonly read: (file: string) => Buffer | undefined
  readonly makeFolder: (folder: string) => void
}

/** Opens the cache in `folder`, which the first write creates. Throws what the keyring throws, and `usage.no-keyring` if it loses its key. */
export async function openSessionCache(folder: string, keyring: Keyring, files: CacheFiles): Promise<SessionCache> {
  const secret = await cacheSecret(keyring)
  const nameKey = derivedKey(secret, 'names')
  const sessionKey = derivedKey(secret, 'sessions')
  // The identity contains the external ID: a plain hash of it could be guessed.
  const nameOf = (identity: string) => `${createHmac('sha256', nameKey).update(identity).digest('hex')}.session`
  return {
    take(identity) {
      const name = nameOf(identity)
      try {
        const entry = files.read(join(folder, name))
        return entry && decrypted(entry, name, sessionKey)
      } catch {
        // No entry, or one that is cut off, forged or encrypted with another key: the next session replaces it.
        return undefined
      }
    },
    keep(identity, session) {
      const name = nameOf(identity)
      files.makeFolder(folder)
      sweep(folder)
      const temp = join(folder, `${name}.${randomBytes(6).toString('hex')}.tmp`)
      try {
        writeFileSync(temp, encrypted(session, name, sessionKey), { flag: 'wx', mode: 0o600 })
        renameSync(temp, join(folder, name))
      } finally {
        rmSync(temp, { force: true })
      }
    },
  }
}

/** Returns the secret in the keyring and creates it if needed. It is read back, so that two processes that create it at once agree. */
async function cacheSecret(keyring: Keyring): Promise<Buffer> {
  const known = secretOf(await keyring.read())
  if (known !== undefined) return known
  const made = randomBytes(keyBytes)
  await keyring.write(made.toString('base64'))
  const kept = secretOf(await keyring.read())
  // Without the secret, no other run can read the session that this one leaves.
  if (kept === undefined) throw keepsNothing()
  return kept
}

function secretOf(text: string | undefined): Buffer | undefined {
  const secret = Buffer.from(text ?? '', 'base64')
  return secret.length === keyBytes ? secret : undefined
}

function derivedKey(secret: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `crosstrail session cache 1: ${use}`, keyBytes))
}

/** Nonce, tag, ciphertext. The name is authenticated too, so that no entry can be passed off as another. */
function encrypted(session: KeptSession, name: string, key: Buffer): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(JSON.stringify(session)), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

function decrypted(entry: Buffer, name: string, key: Buffer): KeptSession {
  const iv = entry.subarray(0, ivBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(entry.subarray(ivBytes, ivBytes + tagBytes))
  const body = Buffer.concat([decipher.update(entry.subarray(ivBytes + tagBytes)), decipher.final()])
  return JSON.parse(body.toString()) as KeptSession
}

/** Removes entries that have certainly expired, and temporary files of killed processes. */
function sweep(folder: string): void {
  const agedMs = Date.now() - longestSessionMs
  for (const name of readdirSync(folder)) {
    if (!/\.(?:session|tmp)$/.test(name)) continue
    const file = join(folder, name)
    const modifiedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? agedMs
    if (modifiedMs < agedMs) rmSync(file, { force: true })
  }
}
