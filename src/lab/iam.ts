import { createHash } from 'node:crypto'
import type { AccountId } from '../trail/account-id.ts'
import { parsePolicy, type PolicyDocument, type PolicyKind } from './evaluate-policy.ts'

/** Long-lived keys of a user or of an account's root, with the ARN they belong to. */
export interface LabKeys {
  readonly arn: string
  readonly account: AccountId
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A user. Tests may change its policies and devices while the lab runs. */
export interface LabUser {
  readonly arn: string
  readonly account: AccountId
  readonly name: string
  policies: PolicyDocument[]
  /** Serial number of each MFA device, with the code that it shows. */
  mfaDevices: ReadonlyMap<string, string>
}

/** A user's keys, with the user. */
export interface LabUserKeys extends LabKeys {
  readonly user: LabUser
}

/** A role. Tests may change everything but its name while the lab runs. */
export interface LabRole {
  readonly arn: string
  readonly account: AccountId
  readonly name: string
  trust: PolicyDocument
  policies: PolicyDocument[]
  maxSessionSeconds: number
}

/** The owner of a long-lived access key: a user, or an account's root. */
export interface LongLivedKey {
  readonly keys: LabKeys
  readonly user?: LabUser | undefined
}

/** The users, roles and long-lived keys of every account of the lab. */
export class Iam {
  readonly #keys = new Map<string, LongLivedKey>()
  readonly #roles = new Map<string, LabRole>()

  /** Adds a user with one access key. The same name gets the same key in every lab. */
  addUser(user: {
    account: AccountId
    name: string
    policies?: readonly PolicyDocument[]
    mfaDevices?: ReadonlyMap<string, string>
  }): LabUserKeys {
    const { account, name } = user
    const arn = `arn:aws:iam::${account}:user/${name}`
    const policies = (user.policies ?? []).map((policy) => checked(policy, 'identity'))
    const added: LabUser = { arn, account, name, policies, mfaDevices: user.mfaDevices ?? new Map() }
    return { ...this.#addKey(arn, account, added), user: added }
  }

  /** Adds a role; `path/name` for one with a path. */
  addRole(role: {
    account: AccountId
    name: string
    trust: PolicyDocument
    policies?: readonly PolicyDocument[]
    maxSessionSeconds?: number
  }): LabRole {
    const { account, name } = role
    const added: LabRole = {
      arn: `arn:aws:iam::${account}:role/${name}`,
      account,
      name,
      trust: checked(role.trust, 'trust'),
      policies: (role.policies ?? []).map((policy) => checked(policy, 'identity')),
      maxSessionSeconds: role.maxSessionSeconds ?? 3_600,
    }
    this.#roles.set(added.arn, added)
    return added
  }

  /** Adds keys of an account's root user, which may do everything but assume roles. */
  addRootKeys(account: AccountId): LabKeys {
    return this.#addKey(`arn:aws:iam::${account}:root`, account, undefined)
  }

  role(arn: string): LabRole | undefined {
    return this.#roles.get(arn)
  }

  longLivedKey(accessKeyId: string): LongLivedKey | undefined {
    return this.#keys.get(accessKeyId)
  }

  #addKey(arn: string, account: AccountId, user: LabUser | undefined): LabKeys {
    const keys = { arn, account, accessKeyId: derivedId('AKIA', arn), secretAccessKey: derivedSecret(arn) }
    this.#keys.set(keys.accessKeyId, { keys, user })
    return keys
  }
}

/** `AKIA`, `ASIA`, `AROA` … and 16 characters derived from the text. */
export function derivedId(prefix: string, text: string): string {
  const digest = createHash('sha256').update(`${prefix} ${text}`).digest()
  let id = prefix
  for (const byte of digest.subarray(0, 16)) id += idAlphabet.charAt(byte % idAlphabet.length)
  return id
}

/** 40 characters derived from the text. They protect nothing. */
export function derivedSecret(text: string): string {
  return createHash('sha256').update(`secret of ${text}`).digest('base64').slice(0, 40)
}

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

// A typing error in a test's policy would otherwise look like a denial.
function checked(policy: PolicyDocument, kind: PolicyKind): PolicyDocument {
  return parsePolicy(JSON.stringify(policy), kind)
}
