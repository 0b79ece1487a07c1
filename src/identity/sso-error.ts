import { CrosstrailError } from '../error.ts'
import type { Refusal } from './refusal.ts'
import type { SessionSource } from './session-account.ts'
import { shellWord } from '../trail/shell-word.ts'

/**
 * What is wrong with a sign-in of `aws login`, told by the words of the SDK, which keeps nothing else of it. Undefined if no profile on
 * the way signs in like that, or if the words tell of something else.
 */
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

/** The words of a token file that is not there or lacks a field, of one that has ended and could not be renewed, and of a changed password. */
const signedOut = /re-?authenticate|^Failed to load (a )?token|^Token validation failed/i

/**
 * What IAM Identity Center's part of a source said, told by the words of the SDK, which keeps nothing else of it; undefined where it was
 * not asked. `tried` says which source it was.
 */
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
    const message = `IAM Identity Center keeps asking for fewer calls, for account ${account} (${tried})`
    return new CrosstrailError('network.throttled', message, {
      hint: 'wait a minute and run it again',
      facts: { ...facts, awsCode: answered },
    })
  }
  return new CrosstrailError(
    'access.sso-forbidden',
    `IAM Identity Center gives account ${account} no credentials (${tried}: ${message})`,
    {
      hint: 'you are signed in, and not assigned to that account with that permission set: check sso_account_id and sso_role_name of the profile, or have it assigned',
      facts: { ...facts, awsCode: answered },
    },
  )
}

export function loginCommand(source: SessionSource): string {
  const profile = 'profile' in source ? source.profile : process.env['AWS_PROFILE']
  return profile === undefined || profile === '' ? 'aws sso login' : `aws sso login --profile ${shellWord(profile)}`
}

/** The words of a token file that is not there, of one that has ended and could not be renewed, and of the portal's 401. */
const notLoggedIn =
  /sso login|SSO session (token )?associated|Token is expired|Session token not found or invalid|^UnauthorizedException|^Value not present for '\w+' in SSO Token/
