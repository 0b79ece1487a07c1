import type { AccountId } from '../../trail/account-id.ts'
import { pick, randomIndex, randomText, type Random } from '../random.ts'

/** The users and roles that make the calls. They do not exist. Their addresses are reserved for documentation (RFC 5737). */
export type User = 'alice' | 'bruno' | 'chen' | 'dara' | 'deploy' | 'ci-runner'
export type Role = 'Admin' | 'ReadOnly' | 'DeployPipeline' | 'DataExport' | 'OrgAccess' | 'BreakGlass'

export const users: readonly [User, ...User[]] = ['alice', 'bruno', 'chen', 'dara', 'deploy', 'ci-runner']
export const people: readonly [User, ...User[]] = ['alice', 'bruno', 'chen', 'dara']
export const roles: readonly [Role, ...Role[]] = [
  'Admin',
  'ReadOnly',
  'DeployPipeline',
  'DataExport',
  'OrgAccess',
  'BreakGlass',
]

/** Each user makes most calls from the first address. */
const addresses: Readonly<Record<User, readonly [string, ...string[]]>> = {
  alice: ['198.51.100.24', '203.0.113.7'],
  bruno: ['198.51.100.31'],
  chen: ['198.51.100.42', '203.0.113.19', '203.0.113.23'],
  dara: ['198.51.100.57'],
  deploy: ['203.0.113.130'],
  'ci-runner': ['203.0.113.140', '203.0.113.141'],
}

/** Every user makes a few calls from this address. */
const strangeAddress = '192.0.2.66'

const programs: readonly [string, ...string[]] = [
  'aws-cli/2.31.8 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7',
  'Boto3/1.40.41 md/Botocore#1.40.41 ua/2.1 os/linux lang/python#3.12.3',
  'APN/1.0 HashiCorp/1.0 Terraform/1.13.3 aws-sdk-go-v2/1.39.2',
]
export const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0'

export const upperCase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The fields of a record that describe the caller. */
export interface Caller {
  readonly identity: Readonly<Record<string, unknown>>
  readonly address: string
  readonly agent: string
  /** Whether the call comes from a session of the console. */
  readonly isConsole?: boolean
}

export function addressOf(random: Random, user: User): string {
  return random() < 0.04 ? strangeAddress : random() < 0.7 ? addresses[user][0] : pick(random, addresses[user])
}

export function programOf(random: Random): string {
  return pick(random, programs)
}

/** Returns the access key of a user, which is always the same. */
export function userKey(account: AccountId, user: User): string {
  return `AKIA${shortName(user)}${account.slice(-4)}EXAMPLE`
}

/** Returns a new access key of a session. */
export function sessionKey(random: Random): string {
  return `ASIA${randomText(random, upperCase, 16)}`
}

/** Returns a user who calls with a long-lived key. */
export function userCaller(random: Random, account: AccountId, user: User): Caller {
  return {
    identity: { ...userIdentity(account, user), accessKeyId: userKey(account, user), userName: user },
    address: addressOf(random, user),
    agent: programOf(random),
  }
}

/** Returns a user in the console. */
export function consoleCaller(random: Random, account: AccountId, user: User, timeMs: number, mfa: boolean): Caller {
  const attributes = { creationDate: isoSeconds(timeMs), mfaAuthenticated: String(mfa) }
  const identity = {
    ...userIdentity(account, user),
    accessKeyId: sessionKey(random),
    userName: user,
    sessionContext: { attributes },
  }
  return { identity, address: addressOf(random, user), agent: browser, isConsole: true }
}

export interface RoleSession {
  readonly role: Role
  readonly session: string
  readonly accessKeyId: string
  readonly createdMs: number
  readonly mfa: boolean
}

/** Returns a session of a role. Its calls have the address and the user agent of the caller that opened it. */
export function roleCaller(
  account: AccountId,
  { role, session, accessKeyId, createdMs, mfa }: RoleSession,
  from: Pick<Caller, 'address' | 'agent'>,
): Caller {
  const principalId = roleId(account, role)
  const arn = `arn:aws:iam::${account}:role/${role}`
  const attributes = { creationDate: isoSeconds(createdMs), mfaAuthenticated: String(mfa) }
  const identity = {
    type: 'AssumedRole',
    principalId: `${principalId}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    accountId: account,
    accessKeyId,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId, arn, accountId: account, userName: role },
      attributes,
    },
  }
  return { identity, address: from.address, agent: from.agent }
}

/** Returns a session of a random role and user, at most an hour old. */
export function anyRoleCaller(random: Random, account: AccountId, timeMs: number): Caller {
  const user = pick(random, users)
  const session = {
    role: pick<Role>(random, ['Admin', 'ReadOnly', 'DeployPipeline', 'DataExport']),
    session: user,
    accessKeyId: sessionKey(random),
    createdMs: timeMs - randomIndex(random, 3_600_000),
    mfa: random() < 0.5,
  }
  return roleCaller(account, session, { address: addressOf(random, user), agent: programOf(random) })
}

export function rootCaller(random: Random, account: AccountId, timeMs: number): Caller {
  const attributes = { creationDate: isoSeconds(timeMs), mfaAuthenticated: 'false' }
  const identity = {
    type: 'Root',
    principalId: account,
    arn: `arn:aws:iam::${account}:root`,
    accountId: account,
    accessKeyId: sessionKey(random),
    sessionContext: { attributes },
  }
  return { identity, address: strangeAddress, agent: browser, isConsole: true }
}

/** Returns an AWS service that calls for itself. */
export function serviceCaller(service: string): Caller {
  const name = `${service}.amazonaws.com`
  return { identity: { type: 'AWSService', invokedBy: name }, address: name, agent: name }
}

/** Returns the same caller, with a call that an AWS service makes for it. */
export function through(service: string, { identity }: Caller): Caller {
  const name = `${service}.amazonaws.com`
  return { identity: { ...identity, invokedBy: name }, address: name, agent: name }
}

export function roleId(account: AccountId, role: Role): string {
  return `AROA${shortName(role)}${account.slice(-4)}EXAMPLEX`
}

export function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d{3}/, '')
}

function userIdentity(account: AccountId, user: User) {
  return {
    type: 'IAMUser',
    principalId: `AIDA${shortName(user)}${account.slice(-4)}EXAMPLEX`,
    arn: `arn:aws:iam::${account}:user/${user}`,
    accountId: account,
  }
}

/** Returns the five characters of a name that go into IDs and keys. */
function shortName(name: User | Role): string {
  return name.replace('-', '').toUpperCase().padEnd(5, 'X').slice(0, 5)
}
