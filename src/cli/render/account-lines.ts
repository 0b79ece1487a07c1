import type { Account, Config, CredentialSource } from '../../config/config.ts'
import { programName } from '../../identity/program-name.ts'
import { maskSecret } from '../../secrets/mask-secret.ts'
import type { OutputFormat } from '../options/output.ts'
import { csvLine } from './csv.ts'
import { escapeText, safeJson } from './escape.ts'
import { textTable } from './text-table.ts'

const fields = [
  'account',
  'id',
  'credentials',
  'via',
  'role',
  'externalId',
  'sessionName',
  'durationSeconds',
  'mfa',
  'reads',
  'allow',
  'stsRegion',
] as const

const columns = [
  { title: 'ACCOUNT' },
  { title: 'ID' },
  { title: 'CREDENTIALS' },
  { title: 'EXTERNAL ID' },
  { title: 'READS' },
  { title: 'ALLOW' },
  { title: 'ROLES' },
]

/** The lines of `accounts`. No secret is in them: external IDs are masked, and of a command only its program is named. */
export function accountLines(
  config: Config,
  accounts: readonly Account[],
  format: OutputFormat,
  width?: number,
): string[] {
  switch (format) {
    case 'json':
      return accounts.map((account) => safeJson({ ...accountRecord(account), trail: config.trail }))
    case 'csv':
      return [csvLine(fields), ...accounts.map((account) => csvLine(csvValues(account)))]
    case 'table':
      return [...trailLines(config), '', ...textTable(columns, accounts.map(tableCells), width)]
  }
}

function accountRecord(account: Account): Readonly<Record<string, unknown>> {
  const { label, credentials, via, externalId, mfaProcess, ...rest } = account
  return {
    account: label,
    ...rest,
    credentials: shownSource(credentials),
    via: via.map((hop) => Object.assign({}, hop, { externalId: masked(hop.externalId) })),
    externalId: masked(externalId),
    mfaProcess: mfaProcess === undefined ? undefined : programName(mfaProcess),
  }
}

function csvValues(account: Account): (string | number | undefined)[] {
  return [
    account.label,
    account.id,
    sourceText(account.credentials),
    account.via.map(({ role }) => role).join(' '),
    account.role,
    masked(account.externalId),
    account.sessionName,
    account.durationSeconds,
    account.mfa,
    readsText(account),
    account.allow.join(' '),
    account.stsRegion,
  ]
}

function tableCells(account: Account): string[] {
  return [
    account.label,
    account.id,
    sourceText(account.credentials),
    masked(account.externalId) ?? '-',
    readsText(account),
    account.allow.join(' '),
    [...account.via.map(({ role }) => role), account.role].join(' > '),
  ]
}

function trailLines({ file, trail }: Config): string[] {
  const prefix = [trail.prefix, 'AWSLogs', trail.organization].filter((part) => part !== undefined && part !== '')
  return [
    `config  ${escapeText(file)}`,
    `trail   ${escapeText(`s3://${trail.bucket}/${prefix.join('/')}/ in ${trail.region}, owned by ${trail.owner}`)}`,
  ]
}

function readsText({ id, reads }: Account): string {
  if (reads === 'own') return `own (${id})`
  return reads === 'all' ? 'all' : reads.join(' ')
}

function masked(externalId: string | undefined): string | undefined {
  return externalId === undefined ? undefined : maskSecret(externalId)
}

/** A command line may hold a password. */
function shownSource(source: CredentialSource): CredentialSource {
  return source.type === 'process' ? { ...source, command: programName(source.command) } : source
}

function sourceText(source: CredentialSource): string {
  switch (source.type) {
    case 'profile':
    case 'sso':
      return `${source.type} ${source.profile}`
    case 'webIdentity':
      return `webIdentity ${source.tokenFile}`
    case 'process':
      return `process ${programName(source.command)}`
    case 'chain':
    case 'env':
    case 'ec2':
    case 'ecs':
      return source.type
  }
}
