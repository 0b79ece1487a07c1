import type { Account, Config, CredentialSource } from '../../config/config.ts'
import { programName } from '../../identity/program-name.ts'
import { maskSecret } from '../../secrets/mask-secret.ts'
import type { OutputFormat } from '../options/output.ts'
import { escapeText, safeJson } from './escape.ts'
import { recordLines, type RecordTable } from './record-table.ts'

const table: RecordTable<Account> = {
  fields: {
    account: ({ label }) => label,
    id: ({ id }) => id,
    credentials: ({ credentials }) => sourceText(credentials),
    via: ({ via }) => via.map(({ role }) => role).join(' '),
    role: ({ role }) => role,
    externalId: ({ externalId }) => masked(externalId),
    sessionName: ({ sessionName }) => sessionName,
    durationSeconds: ({ durationSeconds }) => durationSeconds,
    mfa: ({ mfa }) => mfa,
    reads: readsText,
    allow: ({ allow }) => allow.join(' '),
    stsRegion: ({ stsRegion }) => stsRegion,
    sqs: ({ sqs }) => sqs?.url,
  },
  columns: [
    { title: 'ACCOUNT', cell: ({ label }) => label },
    { title: 'ID', cell: ({ id }) => id },
    { title: 'CREDENTIALS', cell: ({ credentials }) => sourceText(credentials) },
    { title: 'EXTERNAL ID', cell: ({ externalId }) => masked(externalId) },
    { title: 'READS', cell: readsText },
    { title: 'ALLOW', cell: ({ allow }) => allow.join(' ') },
    { title: 'ROLES', cell: ({ via, role }) => [...via.map((hop) => hop.role), role].join(' > ') },
  ],
}

/** The lines of `accounts`. They contain no secret: external IDs are masked, and a command is shown by its program only. */
export function accountLines(
  config: Config,
  accounts: readonly Account[],
  format: OutputFormat,
  width?: number,
): string[] {
  if (format === 'json') return accounts.map((account) => safeJson({ ...accountRecord(account), trail: config.trail }))
  const lines = recordLines(table, accounts, format, width)
  return format === 'csv' ? lines : [...trailLines(config), '', ...lines]
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

/** A command line may contain a password. */
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
