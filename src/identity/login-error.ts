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
