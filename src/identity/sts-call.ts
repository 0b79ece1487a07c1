import type { ErrorCode } from '../error.ts'

/** A call to STS (or to the portal of IAM Identity Center) as it was made: what an error may tell. */
export interface StsCall {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity' | 'GetCallerIdentity' | 'GetRoleCredentials'
  readonly account: string
  readonly role?: string | undefined
  readonly externalId?: string | undefined
  readonly mfaSerial?: string | undefined
  readonly durationSeconds?: number | undefined
  readonly host?: string | undefined
  readonly region?: string | undefined
  /** Set where a source of the AWS tools made the call and its parameters are not known here: `the profile b-audit`. */
  readonly origin?: string | undefined
  readonly aborted?: boolean | undefined
}

/** What an error is made of, before the facts that every one carries. */
export interface Told {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
  readonly facts?: Readonly<Record<string, string | number | boolean | undefined>>
}
