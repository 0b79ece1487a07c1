import { CrosstrailError } from '../error.ts'

/** Where the platform keeps one secret text of this user: macOS Keychain, Windows Credential Manager, Secret Service, the kernel's keyring. */
export interface Keyring {
  /** Undefined where it holds none. */
  read(): Promise<string | undefined>
  write(secret: string): Promise<void>
}

/** The platform's own keyring. Each call throws `usage.no-keyring` where none is offered, or where it is locked. */
export const platformKeyring: Keyring = {
  read: () => inKeyring(async (entry) => (await entry.getPassword()) ?? undefined),
  write: (secret) => inKeyring((entry) => entry.setPassword(secret)),
}

const service = 'crosstrail'
const user = 'session-cache'

interface Entry {
  getPassword(): Promise<string | null>
  setPassword(secret: string): Promise<void>
}

async function inKeyring<T>(use: (entry: Entry) => Promise<T>): Promise<T> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    return await use(new AsyncEntry(service, user))
  } catch (error) {
    // The package is optional, and has no build for every platform
    throw new CrosstrailError('usage.no-keyring', 'sessions cannot be cached: this machine offers no keyring', {
      hint: 'run it without --cache; on Linux a keyring is offered by a Secret Service (gnome-keyring, KWallet, KeePassXC) or the kernel',
      cause: error,
    })
  }
}
