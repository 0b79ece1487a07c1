import { rememberKey, rememberWord } from '../secrets/masked-text.ts'

/** A code is good for a minute or so. */
const codeLifeMs = 5 * 60_000

/** The same MFA code. From now on it is masked in the words of servers and programs: who gets hold of one calls this. */
export function rememberedCode(code: string): string {
  rememberWord(code, { endsAtMs: Date.now() + codeLifeMs })
  return code
}

/** Keys that sign. `expiresAtMs` is missing for long-lived ones. */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiresAtMs?: number | undefined
  /** Which link of the SDK's default chain gave them, in words: `the environment`. */
  readonly foundBy?: string | undefined
}

/** The same keys. From now on they are masked in what leaves the process: who gets hold of keys calls this. */
export function rememberedKeys<Keys extends SigningKeys>(keys: Keys): Keys {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: endsAtMs } = keys
  for (const value of [accessKeyId, secretAccessKey, sessionToken]) rememberKey(value, { endsAtMs })
  return keys
}

/** Whether both sign alike: a refresh that gives the same keys back has refreshed nothing. */
export function sameKeys(one: SigningKeys, other: SigningKeys): boolean {
  return one.accessKeyId === other.accessKeyId && one.sessionToken === other.sessionToken
}
