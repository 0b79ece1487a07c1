import { rememberKey, rememberWord } from '../secrets/masked-text.ts'

/** A code is valid for about a minute. */
const codeLifeMs = 5 * 60_000

/** Returns the MFA code and masks it from now on in messages of servers and programs. Every receiver of a code calls this. */
export function rememberedCode(code: string): string {
  rememberWord(code, { endsAtMs: Date.now() + codeLifeMs })
  return code
}

/** Keys that sign requests. `expiresAtMs` is missing for long-lived keys. */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiresAtMs?: number | undefined
  /** The link of the SDK's default chain that gave the keys, as text: `the environment`. */
  readonly foundBy?: string | undefined
}

/** Returns the keys and masks them from now on in all output. Every receiver of keys calls this. */
export function rememberedKeys<Keys extends SigningKeys>(keys: Keys): Keys {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: endsAtMs } = keys
  for (const value of [accessKeyId, secretAccessKey, sessionToken]) rememberKey(value, { endsAtMs })
  return keys
}

/** Returns whether both are the same keys. A refresh that returns the same keys has refreshed nothing. */
export function sameKeys(one: SigningKeys, other: SigningKeys): boolean {
  return one.accessKeyId === other.accessKeyId && one.sessionToken === other.sessionToken
}
