import { CrosstrailError } from '../../error.ts'
import type { SigningKeys } from '../../identity/signing-keys.ts'
import { shellWord } from '../../trail/shell-word.ts'

export const credentialFormats = [
  'env',
  'env-no-export',
  'json',
  'process',
  'powershell',
  'fish',
  'windows-cmd',
] as const

export type CredentialFormat = (typeof credentialFormats)[number]

/** What `json` prints besides the credentials. */
export interface CredentialsAbout {
  readonly account: string
  readonly assumedRoleArn: string
  readonly region: string
}

/**
 * Credentials as lines of text. `process` is the output of a `credential_process`. The others are the formats of
 * `aws configure export-credentials`, and `json` also has the account, role and region.
 * A shell reads each value as one word. Throws `access.unprintable-credentials` if a value makes that impossible.
 */
export function credentialLines(format: CredentialFormat, keys: SigningKeys, about: CredentialsAbout): string[] {
  for (const value of [keys.accessKeyId, keys.secretAccessKey, keys.sessionToken ?? '']) {
    if (!(format === 'windows-cmd' ? cmdWord : printable).test(value)) throw unprintable(format, about.account)
  }
  if (format === 'json') return [JSON.stringify({ ...about, ...fieldsOf(keys) })]
  if (format === 'process') return [JSON.stringify({ Version: 1, ...fieldsOf(keys) })]
  return Object.entries(credentialVariables(keys)).map(([name, value]) => assignments[format](name, value))
}

export function credentialVariables(keys: SigningKeys): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    ...(keys.sessionToken !== undefined && { AWS_SESSION_TOKEN: keys.sessionToken }),
    ...(keys.expiresAtMs !== undefined && { AWS_CREDENTIAL_EXPIRATION: isoTime(keys.expiresAtMs) }),
  }
}

/** Formats a time to the second, as STS does. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

const assignments = {
  env: (name, value) => `export ${name}=${shellWord(value)}`,
  'env-no-export': (name, value) => `${name}=${shellWord(value)}`,
  powershell: (name, value) => `$Env:${name}='${value.replaceAll("'", "''")}'`,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`,
  'windows-cmd': (name, value) => `set ${name}=${value}`,
} satisfies Record<string, (name: string, value: string) => string>

function fieldsOf({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs }: SigningKeys) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    ...(sessionToken !== undefined && { SessionToken: sessionToken }),
    ...(expiresAtMs !== undefined && { Expiration: isoTime(expiresAtMs) }),
  }
}

const printable = /^[\x21-\x7e]*$/
/** Characters without a meaning to cmd, quoted or not. */
const cmdWord = /^[\w+/=.,:@~-]*$/

function unprintable(format: CredentialFormat, account: string): CrosstrailError {
  const message = `the credentials of account ${account} contain characters that cannot be written as ${format}`
  return new CrosstrailError('access.unprintable-credentials', message, {
    hint: 'use another format, or the command exec. AWS does not issue such credentials, so check which server answers at the STS endpoint',
    facts: { account, format },
  })
}
