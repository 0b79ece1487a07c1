import { CrosstrailError } from '../error.ts'
import type { Refusal } from './refusal.ts'
import type { SessionSource } from './session-account.ts'
import { shellWord } from '../trail/shell-word.ts'

/** Explains a missing or expired sign-in of `aws login` by the SDK's message, which is all that the SDK keeps. Undefined for anything else. */
export function explainLoginError(
  refusal: Refusal,
  profile: string | undefined,
  source: SessionSource,
  account: string,
  tried: string,
): CrosstrailError | undefined {
  if (profile === undefined || !signedOut.test(refusal.message)) return undefined
  const message = `the sign-in of account ${account} is missing or has expired (${tried})`
  return new CrosstrailError('access.login-expired', message, {
    hint: `run: aws login --profile ${shellWord(profile)}`,
    facts: { account, source: source.type, profile },
  })
}

/** The messages for a missing or incomplete token file, for an expired token that could not be renewed, and for a changed password. */
const signedOut = /re-?authenticate|^Failed to load (a )?token|^Token validation failed/i

/** Explains an error of IAM Identity Center by the SDK's message, which is all that the SDK keeps. `tried` names the source. Undefined for others. */
export function explainSsoError(
  { message }: Refusal,
  source: SessionSource,
  account: string,
  tried: string,
): CrosstrailError | undefined {
  const facts = { account, source: source.type }
  if (notLoggedIn.test(message)) {
    const message = `the SSO session of account ${account} is missing or has expired (${tried})`
    return new CrosstrailError('access.sso-expired', message, { hint: `run: ${loginCommand(source)}`, facts })
  }
  const answered =
    /^(ForbiddenException|ResourceNotFoundException|InvalidRequestException|TooManyRequestsException)\b/.exec(
      message,
    )?.[1]
  if (answered === undefined) return undefined
  if (answered === 'TooManyRequestsException') {
    const message = `IAM Identity Center keeps throttling the calls of account ${account} (${tried})`
    return new CrosstrailError('network.throttled', message, {
      hint: 'wait a minute and run it again',
      facts: { ...facts, awsCode: answered },
    })
  }
  return new CrosstrailError(
    'access.sso-forbidden',
    `IAM Identity Center refused credentials for account ${account} (${tried}: ${message})`,
    {
      hint: 'you are signed in, but that account is not assigned to you with that permission set: check sso_account_id and sso_role_name of the profile, or ask for the assignment',
      facts: { ...facts, awsCode: answered },
    },
  )
}

export function loginCommand(source: SessionSource): string {
  const profile = 'profile' in source ? source.profile : process.env['AWS_PROFILE']
  return profile === undefined || profile === '' ? 'aws sso login' : `aws sso login --profile ${shellWord(profile)}`
}

/** The messages for a missing token file, for an expired token that could not be renewed, and for the portal's 401. */
const notLoggedIn =
  /sso login|SSO session (token )?associated|Token is expired|Session token not found or invalid|^UnauthorizedException|^Value not present for '\w+' in SSO Token/
