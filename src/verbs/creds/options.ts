import type { Verb as Allowed } from '../../config/config.ts'

export interface CredentialsOptions {
  /** A label of the config. */
  readonly account: string
  /** Default: all that the account's `allow` has. */
  readonly verbs?: readonly Allowed[] | undefined
  /** Of the account's `allow`, list and download at most. */
  readonly readOnly?: boolean | undefined
  /** `s3://bucket/prefix` that the session may write to. */
  readonly copyTo?: string | undefined
  /** Keeps the session for the next run, encrypted by a key in the platform's keyring. */
  readonly cache?: boolean | undefined
}
