import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { type AwsProfiles, profileAccess } from '../../src/config/profile-access.ts'
import { errorOf } from './written.ts'

const role = (name: string): string => `arn:aws:iam::111111111111:role/${name}`
const keys = { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'not-a-secret' }

const profiles: AwsProfiles = {
  keys,
  sso: { sso_session: 'corp', sso_account_id: '222222222222', sso_role_name: 'Audit' },
  'old-sso': { sso_start_url: 'https://example.com', sso_region: 'us-east-1', sso_account_id: '222222222222' },
  process: { credential_process: '/usr/bin/keys --for me' },
  token: { web_identity_token_file: 'token', role_arn: role('Token') },
  login: { login_session: 'arn:aws:iam::222222222222:user/ana' },
  environment: { role_arn: role('A'), credential_source: 'Environment' },
  instance: { role_arn: role('A'), credential_source: 'Ec2InstanceMetadata' },
  task: { role_arn: role('A'), credential_source: 'EcsContainer' },
  bare: { credential_source: 'Ec2InstanceMetadata' },
  audit: {
    role_arn: role('Audit'),
    source_profile: 'keys',
    external_id: 'ext-1',
    mfa_serial: 'arn:aws:iam::222222222222:mfa/ana',
    role_session_name: 'audit',
    duration_seconds: '7200',
    region: 'eu-west-1',
  },
  hub: { role_arn: role('Hub'), source_profile: 'audit', external_id: 'ext-2', region: 'us-west-2' },
  logs: { role_arn: role('Logs'), source_profile: 'hub' },
  'from-sso': { role_arn: role('Logs'), source_profile: 'sso' },
  'from-bare': { role_arn: role('Logs'), source_profile: 'bare' },
  'from-token': { role_arn: role('Logs'), source_profile: 'token' },
}

function access(name: string, more: AwsProfiles = {}) {
  return profileAccess(name, { ...profiles, ...more }, '/work')
}

describe('the credentials of a profile', () => {
  it.each([
    ['keys', { profile: 'keys' }],
    ['sso', { sso: 'sso' }],
    ['old-sso', { sso: 'old-sso' }],
    ['process', { process: '/usr/bin/keys --for me' }],
    ['token', { webIdentity: { tokenFile: path.resolve('/work/token'), role: role('Token') } }],
    ['login', { profile: 'login' }],
    ['environment', { env: true }],
    ['instance', { ec2: true }],
    ['task', { ecs: true }],
    ['bare', { ec2: true }],
    ['from-sso', { sso: 'sso' }],
    ['from-bare', { ec2: true }],
    ['from-token', { webIdentity: { tokenFile: path.resolve('/work/token'), role: role('Token') } }],
  ])('of %s are %j', (name, credentials) => {
    expect(access(name).credentials).toEqual(credentials)
  })

  it('keys take precedence over credential_process, like in the SDK', () => {
    expect(access('both', { both: { ...keys, credential_process: 'x' } }).credentials).toEqual({ profile: 'both' })
  })
})

it('a profile without a role has none to assume', () => {
  expect(access('keys').roles).toEqual([])
})

it('a role profile gives its role, external ID, session name, duration, MFA device and region', () => {
  expect(access('audit')).toEqual({
    credentials: { profile: 'keys' },
    roles: [{ profile: 'audit', arn: role('Audit'), externalId: 'ext-1', sessionName: 'audit', duration: '7200' }],
    mfa: 'arn:aws:iam::222222222222:mfa/ana',
    region: 'eu-west-1',
    accountId: undefined,
  })
})

it('a chain of role profiles becomes a list of roles, in the order of assuming them', () => {
  const { roles, credentials, mfa } = access('logs')
  expect(roles.map(({ arn, externalId }) => [arn, externalId])).toEqual([
    [role('Audit'), 'ext-1'],
    [role('Hub'), 'ext-2'],
    [role('Logs'), undefined],
  ])
  expect({ credentials, mfa }).toEqual({
    credentials: { profile: 'keys' },
    mfa: 'arn:aws:iam::222222222222:mfa/ana',
  })
})

it('the region comes from the requested profile, not from its source', () => {
  expect(access('hub').region).toBe('us-west-2')
})

it('returns the account of an SSO profile', () => {
  expect(access('from-sso').accountId).toBe('222222222222')
})

describe('an error', () => {
  it.each<[string, string, AwsProfiles]>([
    ['config.profile-not-found', 'an unknown profile', {}],
    ['config.profile-not-found', 'an unknown source profile', { x: { role_arn: role('X'), source_profile: 'gone' } }],
    [
      'config.profile-not-found',
      'a source with the name of a property that every object has',
      { x: { role_arn: role('X'), source_profile: 'toString' } },
    ],
    ['config.profile-loop', 'a profile that is its own source', { x: { role_arn: role('X'), source_profile: 'x' } }],
    [
      'config.profile-loop',
      'two profiles that are the source of each other',
      { x: { role_arn: role('X'), source_profile: 'y' }, y: { role_arn: role('Y'), source_profile: 'x' } },
    ],
    [
      'config.profile-unusable',
      'two sources',
      { x: { role_arn: role('X'), source_profile: 'keys', credential_source: 'Environment' } },
    ],
    [
      'config.profile-unusable',
      'an unknown credential_source',
      { x: { role_arn: role('X'), credential_source: 'Moon' } },
    ],
    ['config.profile-unusable', 'a role without a source', { x: { role_arn: role('X') } }],
    ['config.profile-unusable', 'a profile without credentials', { x: { region: 'us-east-1' } }],
    [
      'config.profile-unusable',
      'SSO and a role, which the AWS CLI refuses too',
      { x: { sso_session: 'corp', sso_account_id: '222222222222', sso_role_name: 'R', role_arn: role('X') } },
    ],
    ['config.profile-unusable', 'keys and a role without a source', { x: { ...keys, role_arn: role('X') } }],
    ['config.profile-unusable', 'a process and a role', { x: { credential_process: 'x', role_arn: role('X') } }],
    ['config.profile-unusable', 'a login and a role', { x: { login_session: 'x', role_arn: role('X') } }],
    ['config.profile-unusable', 'keys and a role', { x: { ...keys, role_arn: role('X'), source_profile: 'x' } }],
    [
      'config.profile-unusable',
      'an MFA code for a role that another role assumes',
      { x: { role_arn: role('X'), source_profile: 'audit', mfa_serial: 'arn:aws:iam::222222222222:mfa/ana' } },
    ],
  ])('%s for %s', (code, _what, more) => {
    expect(errorOf(() => access('x', more)).code).toBe(code)
  })

  it('suggests the nearest name', () => {
    expect(errorOf(() => access('audti')).hint).toBe('did you mean audit?')
  })
})
