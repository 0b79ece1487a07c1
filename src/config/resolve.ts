import path from 'node:path'

import { CrosstrailError } from '../error.ts'
import type { Account, Config, ConfiguredQueue, CredentialSource, RoleHop } from './config.ts'
import { durationSeconds } from './duration.ts'
import type { AccountFile, ConfigFile, CredentialsFile, HopFile, QueueFile } from './schema.ts'
import { showText } from './show.ts'

/** Fills in every default of a checked file. `file` is its absolute path, `home` the folder that `~/` means. Throws `config.no-home`. */
export function resolveConfig(written: ConfigFile, file: string, home?: string): Config {
  const { bucket, owner, region, prefix = '', organization, requesterPays = false, sqs } = written.trail
  return {
    file,
    trail: { bucket, owner, region, prefix: prefix.replace(/^\/+|\/+$/g, ''), organization, requesterPays },
    accounts: Object.entries(written.accounts).map(([label, account]) =>
      resolveAccount(label, sqs === undefined ? account : { sqs, ...account }, region, file, home),
    ),
  }
}

function resolveAccount(label: string, account: AccountFile, region: string, file: string, home?: string): Account {
  const { id, role, externalId, mfa, mfaProcess, sourceIdentity, via = [], reads = 'own' } = account
  const { allow = ['list', 'download'] } = account
  const sessionName = account.sessionName ?? defaultSessionName(label)
  return {
    label,
    id,
    credentials: resolveCredentials(account.credentials ?? { chain: true }, file, home),
    via: via.map((hop) => resolveHop(hop, sessionName)),
    role,
    externalId,
    sessionName,
    durationSeconds: durationSeconds(account.duration),
    mfa,
    mfaProcess,
    sourceIdentity,
    tags: account.tags ?? {},
    reads: typeof reads === 'string' ? reads : [...new Set(reads)],
    allow: [...new Set(allow)],
    stsRegion: account.stsRegion ?? region,
    sqs: account.sqs === undefined ? undefined : resolveQueue(account.sqs),
  }
}

function resolveQueue(written: QueueFile): ConfiguredQueue {
  return typeof written === 'string'
    ? { url: written, region: undefined }
    : { url: written.url, region: written.region }
}

/** `crosstrail-` and the label in lower case. Characters that STS refuses are replaced, and the name is cut to the limit of STS, 64 characters. */
export function defaultSessionName(label: string): string {
  return `crosstrail-${label.toLowerCase().replace(/[^\w+=,.@-]/g, '-')}`.slice(0, 64)
}

function resolveHop(hop: HopFile, sessionName: string): RoleHop {
  if (typeof hop === 'string') return { role: hop, sessionName }
  return {
    role: hop.role,
    externalId: hop.externalId,
    sessionName: hop.sessionName ?? sessionName,
    durationSeconds: durationSeconds(hop.duration),
  }
}

function resolveCredentials(written: CredentialsFile, file: string, home?: string): CredentialSource {
  const { profile, sso, webIdentity, process: command } = written
  if (profile !== undefined) return { type: 'profile', profile }
  if (sso !== undefined) return { type: 'sso', profile: sso }
  if (command !== undefined) return { type: 'process', command }
  if (webIdentity !== undefined) {
    const tokenFile = resolveFile(webIdentity.tokenFile, file, home)
    return { type: 'webIdentity', tokenFile, role: webIdentity.role }
  }
  if (written.env === true) return { type: 'env' }
  if (written.ec2 === true) return { type: 'ec2' }
  return written.ecs === true ? { type: 'ecs' } : { type: 'chain' }
}

function resolveFile(name: string, configFile: string, home?: string): string {
  if (name.startsWith('~/')) {
    if (home === undefined) throw noHome(name)
    return path.join(home, name.slice(2))
  }
  return path.resolve(path.dirname(configFile), name)
}

function noHome(file: string): CrosstrailError {
  const message = `${showText(file)} is in the home folder, and this user has no home folder`
  return new CrosstrailError('config.no-home', message, {
    hint: 'set HOME, or write the absolute path',
    facts: { file },
  })
}
