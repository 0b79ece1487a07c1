import { createRequire } from 'node:module'

import { CrosstrailError } from '../error.ts'
import { type Keyring, kernelKeyring } from './kernel-keyring.ts'

export type { Keyring } from './kernel-keyring.ts'

/** The platform's own keyring. Each call throws `usage.no-keyring` where none is offered, or where it is locked. */
export const platformKeyring: Keyring = {
  read: () => inKeyring((keyring) => keyring.read()),
  write: (secret) => inKeyring((keyring) => keyring.write(secret)),
}

const service = 'crosstrail'
const user = 'session-cache'

/** Throws what the package throws, and where it is not installed: it is optional, and has no build for every platform. */
async function openKeyring(): Promise<Keyring> {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  // Of Linux's two, the package falls back to the kernel's by itself. That one needs threads of its own.
  const options = process.platform === 'linux' ? ({ linux: { store: 'secret-service' } } as const) : undefined
  try {
    const entry = new AsyncEntry(service, user, options)
    return {
      read: async () => (await entry.getPassword()) ?? undefined,
      write: (secret) => entry.setPassword(secret),
    }
  } catch (error) {
    if (options === undefined) throw error
    const packageFile = createRequire(import.meta.url).resolve('@napi-rs/keyring')
    return kernelKeyring({ packageFile, service, user })
  }
}

async function inKeyring<T>(use: (keyring: Keyring) => Promise<T>): Promise<T> {
  try {
    return await use(await openKeyring())
  } catch (error) {
    throw new CrosstrailError('usage.no-keyring', 'sessions cannot be cached: this machine offers no keyring', {
      hint: 'run it without --cache; on Linux a keyring is offered by a Secret Service (gnome-keyring, KWallet, KeePassXC), or by the kernel to a process with a session keyring, which containers, services and cron jobs often lack',
      cause: error,
    })
  }
}

export function keepsNothing(): CrosstrailError {
  const message = 'sessions cannot be cached: the keyring of this machine keeps nothing for the next run'
  return new CrosstrailError('usage.no-keyring', message, {
    hint: 'run it without --cache; the keyring of the Linux kernel keeps a key only for a process with a session keyring, which containers, services and cron jobs often lack',
  })
}
