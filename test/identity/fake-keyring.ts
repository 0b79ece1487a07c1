import type { Keyring } from '../../src/identity/keyring.ts'

/** A keyring in memory that holds one secret, as those of platforms do, and counts the writes. */
export class FakeKeyring implements Keyring {
  secret: string | undefined
  writes = 0

  read(): Promise<string | undefined> {
    return Promise.resolve(this.secret)
  }

  write(secret: string): Promise<void> {
    this.secret = secret
    this.writes++
    return Promise.resolve()
  }
}
