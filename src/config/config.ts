import type { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { Trail } from '../trail/trail.ts'

/** The label of an account of the config: `B`. */
export type AccountLabel = string

export type Verb = 'list' | 'download' | 'copy' | 'delete'

/** Who we are before any role: exactly one of these. */
export type CredentialSource =
  | { readonly type: 'chain' } // the SDK's default chain
  | { readonly type: 'env' }
  | { readonly type: 'profile'; readonly profile: string } // with source_profile, SSO, credential_process as the AWS tools do
  | { readonly type: 'sso'; readonly profile: string }
  | { readonly type: 'ec2' }
  | { readonly type: 'ecs' }
  | { readonly type: 'webIdentity'; readonly tokenFile: string; readonly role: string }
  | { readonly type: 'process'; readonly command: string }

/** One role to assume on the way, or the last one. */
export interface RoleHop {
  readonly role: string
  readonly externalId?: string | undefined
  readonly sessionName?: string | undefined
  readonly durationSeconds?: number | undefined
}

/** An account of the config, as resolved: every default filled in. */
export interface Account {
  readonly label: AccountLabel
  readonly id: AccountId
  readonly credentials: CredentialSource
  /** Hops before the role, in order. */
  readonly via: readonly RoleHop[]
  readonly role: string
  readonly externalId?: string | undefined
  readonly sessionName: string
  /** 900 to 43,200; capped at 3,600 when roles are chained. Undefined: STS's default of an hour. */
  readonly durationSeconds?: number | undefined
  readonly mfa?: string | undefined
  /** A command that prints the device's code. It may hold a secret. */
  readonly mfaProcess?: string | undefined
  readonly sourceIdentity?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** `own`: the account's own logs; `all`: every log account found; or a list of log accounts. */
  readonly reads: 'own' | 'all' | readonly AccountId[]
  readonly allow: readonly Verb[]
  readonly stsRegion: string
  /** Why no session of it can be opened: a variable that it needs is not set. */
  readonly unusable?: CrosstrailError | undefined
}

export interface Config {
  /** The file it came from, absolute. */
  readonly file: string
  readonly trail: Trail & { readonly requesterPays: boolean }
  readonly accounts: readonly Account[]
}
