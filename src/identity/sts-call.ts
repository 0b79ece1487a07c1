import type { ErrorCode } from '../error.ts'

/** A call to STS, to the portal of IAM Identity Center or to CloudTrail, with the details that an error may show. */
export interface StsCall {
  readonly action:
    | 'AssumeRole'
    | 'AssumeRoleWithWebIdentity'
    | 'GetCallerIdentity'
    | 'GetRoleCredentials'
    | 'ListPublicKeys'
  readonly account: string
  readonly role?: string | undefined
  readonly externalId?: string | undefined
  readonly mfaSerial?: string | undefined
  readonly durationSeconds?: number | undefined
  readonly host?: string | undefined
  readonly region?: string | undefined
  /** Set if a source of the AWS tools made the call, so that its parameters are not known here: `the profile b-audit`. */
  readonly origin?: string | undefined
  readonly aborted?: boolean | undefined
}

/** The parts of an error, without the facts that every error of a call has. */
export interface Told {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
  readonly facts?: Readonly<Record<string, string | number | boolean | undefined>>
}
