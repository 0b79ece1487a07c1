import path from 'node:path'

import { CrosstrailError } from '../error.ts'
import type { CredentialsFile } from './schema.ts'
import { showText } from './show.ts'
import { suggest } from './suggest.ts'

export type AwsProfiles = Readonly<Record<string, AwsProfile | undefined>>
export type AwsProfile = Readonly<Record<string, string | undefined>>

export interface ProfileRole {
  readonly profile: string
  readonly arn: string
  readonly externalId: string | undefined
  readonly sessionName: string | undefined
  readonly duration: string | undefined
}

/** The credentials and roles of a profile. Texts are as written, unchecked. */
export interface ProfileAccess {
  readonly credentials: CredentialsFile
  /** In the order in which they are assumed. The last is the profile's own. */
  readonly roles: readonly ProfileRole[]
  readonly mfa: string | undefined
  readonly region: string | undefined
  /** The account of the credentials, if the profile has it. */
  readonly accountId: string | undefined
}

/**
 * Resolves a profile in the SDK's order of precedence: a role with its source, static keys, a web identity token, a process, SSO.
 * A relative path of a token file is resolved from `cwd`. Throws `config.profile-not-found`, `config.profile-loop`, `config.profile-unusable`.
 */
export function profileAccess(name: string, profiles: AwsProfiles, cwd: string): ProfileAccess {
  const roles: ProfileRole[] = []
  const visited = new Set<string>()
  let mfa: string | undefined
  for (let at = name; ;) {
    if (visited.has(at)) throw loop(name, [...visited, at])
    const profile = profileNamed(at, profiles, visited)
    visited.add(at)
    if (!assumesRole(at, profile)) return access(credentialsOf(at, profile, cwd), profile['sso_account_id'])
    // The SDK uses the keys if another profile names this one as its source, and the role if we name it.
    if (hasKeys(profile)) throw unusable(at, 'has both keys and a role', 'move its keys to a separate profile')
    if (mfa !== undefined) throw lateMfa(name)
    mfa = profile['mfa_serial']
    roles.unshift(roleOf(at, profile))
    const source = profile['source_profile']
    if (source === undefined) return access(sourceNamed(at, profile))
    at = source
  }

  function access(credentials: CredentialsFile, ssoAccount?: string): ProfileAccess {
    const accountId = credentials.sso === undefined ? undefined : ssoAccount
    return { credentials, roles, mfa, region: profiles[name]?.['region'], accountId }
  }
}

/** Throws `config.profile-not-found`. */
export function demandProfile(name: string, profiles: AwsProfiles): void {
  profileNamed(name, profiles, new Set())
}

function profileNamed(name: string, profiles: AwsProfiles, visited: ReadonlySet<string>): AwsProfile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile !== undefined) return profile
  const known = Object.keys(profiles).filter((key) => !key.includes('.') || profiles[key]?.['role_arn'] !== undefined)
  const near = suggest(name, known)
  const from = visited.size === 0 ? '' : `, which ${showText([...visited].at(-1) ?? '')} names as its source_profile`
  throw new CrosstrailError('config.profile-not-found', `there is no AWS profile ${showText(name)}${from}`, {
    hint:
      near === undefined
        ? 'profiles are read from ~/.aws/config and ~/.aws/credentials, or from the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name'
        : `did you mean ${showText(near)}?`,
    facts: { profile: name },
  })
}

function hasKeys(profile: AwsProfile): boolean {
  return profile['aws_access_key_id'] !== undefined && profile['aws_secret_access_key'] !== undefined
}

function assumesRole(name: string, profile: AwsProfile): boolean {
  const { source_profile: source, credential_source: place } = profile
  if (profile['role_arn'] === undefined) return false
  if (source !== undefined && place !== undefined) {
    throw unusable(
      name,
      'has both source_profile and credential_source',
      'remove one of them; the AWS tools refuse both too',
    )
  }
  return source !== undefined || place !== undefined
}

function roleOf(name: string, profile: AwsProfile): ProfileRole {
  return {
    profile: name,
    arn: profile['role_arn'] ?? '',
    externalId: profile['external_id'],
    sessionName: profile['role_session_name'],
    duration: profile['duration_seconds'],
  }
}

function credentialsOf(name: string, profile: AwsProfile, cwd: string): CredentialsFile {
  const { web_identity_token_file: tokenFile, role_arn: role, credential_process: command } = profile
  if (hasKeys(profile) && (role === undefined || tokenFile !== undefined)) return { profile: name }
  if (tokenFile !== undefined && role !== undefined) {
    return { webIdentity: { tokenFile: path.resolve(cwd, tokenFile), role } }
  }
  // The SDK silently ignores such a role.
  if (role !== undefined && holdsCredentials(profile)) throw droppedRole(name)
  if (command !== undefined) return { process: command }
  if (profile['sso_session'] !== undefined || profile['sso_start_url'] !== undefined) return { sso: name }
  if (profile['login_session'] !== undefined) return { profile: name }
  if (role === undefined && profile['credential_source'] !== undefined) return sourceNamed(name, profile)
  throw unusable(
    name,
    role === undefined ? 'has no credentials' : 'has a role but no source_profile, credential_source or token file',
    'it needs keys, a role with its source, a web identity token file, credential_process, or SSO',
  )
}

function holdsCredentials(profile: AwsProfile): boolean {
  const fields = ['credential_process', 'sso_session', 'sso_start_url', 'login_session']
  return hasKeys(profile) || fields.some((field) => profile[field] !== undefined)
}

function droppedRole(name: string): CrosstrailError {
  return unusable(
    name,
    'has a role but no source_profile for it',
    'move role_arn to a separate profile whose source_profile is this one; the AWS CLI refuses this profile too',
  )
}

const sources: Readonly<Record<string, CredentialsFile>> = {
  Environment: { env: true },
  Ec2InstanceMetadata: { ec2: true },
  EcsContainer: { ecs: true },
}

function sourceNamed(name: string, profile: AwsProfile): CredentialsFile {
  const written = profile['credential_source'] ?? ''
  const source = Object.hasOwn(sources, written) ? sources[written] : undefined
  if (source !== undefined) return source
  throw unusable(name, `has credential_source ${showText(written)}`, `use one of ${Object.keys(sources).join(', ')}`)
}

/** STS accepts an MFA code only from a user: the session of a role has no device. */
function lateMfa(name: string): CrosstrailError {
  return unusable(
    name,
    'needs an MFA code for a role that another role assumes',
    'STS accepts a code only for the first role: move mfa_serial to the profile that assumes the first role',
  )
}

function loop(name: string, way: readonly string[]): CrosstrailError {
  return new CrosstrailError('config.profile-loop', `the AWS profile ${showText(name)} has a loop of source_profile`, {
    hint: `break the loop ${way.map(showText).join(' → ')}`,
    facts: { profile: name },
  })
}

function unusable(name: string, why: string, hint: string): CrosstrailError {
  return new CrosstrailError('config.profile-unusable', `the AWS profile ${showText(name)} ${why}`, {
    hint,
    facts: { profile: name },
  })
}
