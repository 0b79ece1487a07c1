import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { UserKeys } from './iam-call.ts'
import type { RgwAccounts, RoleHolder } from './rgw-accounts.ts'

/** The folder of a user of the server: a config of B, C and Z, and the files and environment that AWS's tools read. */
export interface ClientFolder {
  readonly folder: string
  readonly configFile: string
  /** The whole environment of a command. B and Z call with the keys of a profile, C with those of the environment. */
  readonly env: Readonly<Record<string, string>>
  remove(): void
}

/** `alsoReadByB` is a log account that the config assigns to B, although B's role may not read its logs. */
export function makeClientFolder(accounts: RgwAccounts, alsoReadByB?: string): ClientFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosstrail-client-'))
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const { B, C, Z, endpoint } = accounts
  return {
    folder,
    configFile: write('crosstrail.yaml', config(accounts, alsoReadByB)),
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      AWS_CONFIG_FILE: write('config', `[profile z-audit]\n${keyLines(Z.caller)}`),
      AWS_SHARED_CREDENTIALS_FILE: write('credentials', `[b-audit]\n${keyLines(B.caller)}`),
      AWS_ACCESS_KEY_ID: C.caller.accessKeyId,
      AWS_SECRET_ACCESS_KEY: C.caller.secretAccessKey,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_STS: endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function config({ bucket, owner, region, B, C, Z }: RgwAccounts, alsoReadByB: string | undefined): string {
  return `trail:
  bucket: ${bucket}
  owner: "${owner}"
  region: ${region}
accounts:
  B:
${identity(B)}
    credentials: { profile: b-audit }
    reads: ${alsoReadByB === undefined ? 'own' : `["${B.id}", "${alsoReadByB}"]`}
  C:
${identity(C)}
    via: [${C.via.join(', ')}]
    credentials: { env: true }
    reads: own
  Z:
${identity(Z)}
    credentials: { profile: z-audit }
    reads: all
`
}

function identity({ id, role }: RoleHolder): string {
  return `    id: "${id}"\n    role: ${role}`
}

function keyLines({ accessKeyId, secretAccessKey }: UserKeys): string {
  return `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
}
