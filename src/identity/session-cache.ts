import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Keyring, keepsNothing } from './keyring.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface KeptSession {
  readonly keys: SigningKeys & { readonly expiresAtMs: number }
  readonly assumedRoleArn: string
}

/** Sessions on disk, encrypted by a key that only the platform's keyring holds. `identity` is a text of all that makes the session. */
export interface SessionCache {
  /** Undefined where there is none, or none that can be read: a corrupt entry counts as none. It may have run out. */
  take(identity: string): KeptSession | undefined
  /** Replaces what is there, as a whole. Throws what the file system throws. */
  keep(identity: string, session: KeptSession): void
}

/** STS: no session lasts longer. */
const longestSessionMs = 43_200_000
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

export interface CacheFiles {
  /** Reads a file whole; undefined if there is none. Throws for anything but a regular file, and never waits for one. */
  readonly read: (file: string) => Buffer | undefined
  readonly makeFolder: (folder: string) => void
}

/**
 * Opens the cache in `folder`, which is made when something is kept. Throws what the keyring throws, and `usage.no-keyring` if it keeps
 * nothing: there is no cache without one.
 */
export async function openSessionCache(folder: string, keyring: Keyring, files: CacheFiles): Promise<SessionCache> {
  const secret = await cacheSecret(keyring)
  const nameKey = derivedKey(secret, 'names')
  const sessionKey = derivedKey(secret, 'sessions')
  // The identity holds the external ID: a name that could be guessed at would tell it
  const nameOf = (identity: string) => `${createHmac('sha256', nameKey).update(identity).digest('hex')}.session`
  return {
    take(identity) {
      const name = nameOf(identity)
      try {
        const entry = files.read(join(folder, name))
        return entry && decrypted(entry, name, sessionKey)
      } catch {
        // No file, cut off, forged or written with another key: each is replaced by the next session
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

/** The secret in the keyring, made at the first time. Read back: of two that make one together, one has the last word. */
async function cacheSecret(keyring: Keyring): Promise<Buffer> {
  const known = secretOf(await keyring.read())
  if (known !== undefined) return known
  const made = randomBytes(keyBytes)
  await keyring.write(made.toString('base64'))
  const kept = secretOf(await keyring.read())
  // Without it, each run would leave a session that no other can read
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

/** Nonce, tag, ciphertext. The name is part of what is sealed, so that no entry passes for another. */
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

/** Removes what has surely run out, and what writers that were killed left. */
function sweep(folder: string): void {
  const agedMs = Date.now() - longestSessionMs
  for (const name of readdirSync(folder)) {
    if (!/\.(?:session|tmp)$/.test(name)) continue
    const file = join(folder, name)
    const modifiedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? agedMs
    if (modifiedMs < agedMs) rmSync(file, { force: true })
  }
}
