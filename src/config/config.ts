import type { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { Trail } from '../trail/trail.ts'

export type AccountLabel = string

export type Verb = 'list' | 'download' | 'copy' | 'delete' | 'verify'

/** The credentials to start with, before any role: exactly one of these. */
export type CredentialSource =
  | { readonly type: 'chain' } // the SDK's default chain
  | { readonly type: 'env' }
  | { readonly type: 'profile'; readonly profile: string } // with source_profile, SSO, credential_process as the AWS tools do
  | { readonly type: 'sso'; readonly profile: string }
  | { readonly type: 'ec2' }
  | { readonly type: 'ecs' }
  | { readonly type: 'webIdentity'; readonly tokenFile: string; readonly role: string }
  | { readonly type: 'process'; readonly command: string }

export interface RoleHop {
  readonly role: string
  readonly externalId?: string | undefined
  readonly sessionName?: string | undefined
  readonly durationSeconds?: number | undefined
}

/** A queue that announces new logs. */
export interface ConfiguredQueue {
  readonly url: string
  /** Undefined: the region that the URL names. */
  readonly region: string | undefined
}

export interface Account {
  readonly label: AccountLabel
  readonly id: AccountId
  readonly credentials: CredentialSource
  /** Roles to assume before `role`, in order. */
  readonly via: readonly RoleHop[]
  readonly role: string
  readonly externalId?: string | undefined
  readonly sessionName: string
  /** 900 to 43,200; at most 3,600 if roles are chained. Undefined: the default of STS, one hour. */
  readonly durationSeconds?: number | undefined
  readonly mfa?: string | undefined
  /** A command that prints the code of the device. It may contain a secret. */
  readonly mfaProcess?: string | undefined
  readonly sourceIdentity?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** `own`: the account's own logs. `all`: every log account in the bucket. Or a list of log accounts. */
  readonly reads: 'own' | 'all' | readonly AccountId[]
  readonly allow: readonly Verb[]
  readonly stsRegion: string
  /** The account's own queue, else the trail's. Its credentials are those to start with, before any role. */
  readonly sqs?: ConfiguredQueue | undefined
  /** Set if no session can be opened, because a variable that the account needs is not set. */
  readonly unusable?: CrosstrailError | undefined
}

export interface Config {
  /** The absolute path of its file. */
  readonly file: string
  readonly trail: Trail & { readonly requesterPays: boolean }
  readonly accounts: readonly Account[]
}
