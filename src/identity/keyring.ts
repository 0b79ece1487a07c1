import { createRequire } from 'node:module'

import { CrosstrailError } from '../error.ts'
import { howInstalled } from '../loader/how-installed.ts'
import { type Keyring, kernelKeyring } from './kernel-keyring.ts'

export type { Keyring } from './kernel-keyring.ts'

/** The platform's own keyring. Each call throws `usage.no-keyring` if there is none or if it is locked. */
export const platformKeyring: Keyring = {
  read: () => inKeyring((keyring) => keyring.read()),
  write: (secret) => inKeyring((keyring) => keyring.write(secret)),
}

const service = 'crosstrail'
const user = 'session-cache'

/** Also throws if the package is not installed: it is optional and has no build for some platforms. */
async function openKeyring(): Promise<Keyring> {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  // On Linux, the package would fall back to the kernel's keyring by itself, which needs threads of its own.
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
    if (howInstalled() === 'executable') {
      throw new CrosstrailError('usage.no-keyring', 'sessions cannot be cached: the single executable has no keyring', {
        hint: 'run it without --cache, or use the npm package of crosstrail',
        cause: error,
      })
    }
    throw new CrosstrailError('usage.no-keyring', 'sessions cannot be cached: this machine has no usable keyring', {
      hint: isMissing(error) ? hints.missing : hints.unusable,
      cause: error,
    })
  }
}

const hints = {
  missing:
    'install @napi-rs/keyring beside crosstrail: npm install @napi-rs/keyring (with --global if crosstrail was installed with --global), or run it without --cache',
  unusable:
    'run it without --cache; on Linux install a Secret Service (gnome-keyring, KWallet, KeePassXC), or run it in a process with a kernel session keyring, which containers, services and cron jobs often lack',
}

/** Whether the package is not installed, as after `npm install --omit=optional`. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:ERR_)?MODULE_NOT_FOUND$/.test(String(error.code))
}

export function keepsNothing(): CrosstrailError {
  const message = 'sessions cannot be cached: the keyring of this machine loses the key before the next run'
  return new CrosstrailError('usage.no-keyring', message, {
    hint: 'run it without --cache; the keyring of the Linux kernel keeps a key only for a process with a session keyring, which containers, services and cron jobs often lack',
  })
}
