import type { Verb as Allowed } from '../../config/config.ts'

export interface CredentialsOptions {
  /** A label of the config. */
  readonly account: string
  /** Default: everything in the account's `allow`. */
  readonly verbs?: readonly Allowed[] | undefined
  /** Whether to allow only list and download, as far as the account's `allow` has them. */
  readonly readOnly?: boolean | undefined
  /** Where the session may write: `s3://bucket/prefix`. */
  readonly copyTo?: string | undefined
  /** Whether to keep the session for the next run, encrypted with a key in the platform's keyring. */
  readonly cache?: boolean | undefined
}
