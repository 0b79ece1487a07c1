import { CrosstrailError } from '../error.ts'

/** Asks for the six digits that the MFA device `serial` shows now, for the account of that label. */
export type MfaPrompt = (serial: string, account: string) => Promise<string>

export interface MfaOptions {
  /** A code given beforehand (`--mfa-code`). A device's code is good for one call, so it answers the first ask only. */
  readonly code?: string | undefined
  /** Asks a person. Undefined where there is no terminal. */
  readonly prompt?: MfaPrompt | undefined
}

/**
 * One asker for a whole run, shared by its accounts: the given code first, then the prompt, one question at a time.
 * Throws `access.mfa-no-terminal` where nobody can be asked, and `access.mfa-malformed` for anything but six digits.
 */
export function mfaAsker({ code: given, prompt }: MfaOptions): MfaPrompt {
  let givenTo: string | undefined
  let lastQuestion: Promise<unknown> = Promise.resolve()
  return async (serial, account) => {
    if (given !== undefined && givenTo === undefined) {
      givenTo = account
      return sixDigits(given, account)
    }
    if (prompt === undefined) throw nobodyToAsk(serial, account, givenTo)
    const answer = lastQuestion.then(() => prompt(serial, account))
    lastQuestion = answer.catch(() => undefined)
    return sixDigits(await answer, account)
  }
}

function nobodyToAsk(serial: string, account: string, givenTo: string | undefined): CrosstrailError {
  const needs = `account ${account} needs a code of the MFA device ${serial}`
  const facts = { account, mfaSerial: serial }
  if (givenTo === undefined) {
    return new CrosstrailError('access.mfa-no-terminal', `${needs}, and there is no terminal to ask on`, {
      hint: 'pass a fresh code with --mfa-code, or run it on a terminal; for scheduled runs use a role that needs no MFA',
      facts,
    })
  }
  return new CrosstrailError(
    'access.mfa-no-terminal',
    `${needs}: the one given was used for account ${givenTo}, and there is no terminal to ask on`,
    {
      hint: 'a code is good for one call: run it for one account at a time with a fresh --mfa-code each, or on a terminal',
      facts: { ...facts, usedFor: givenTo },
    },
  )
}

function sixDigits(code: string, account: string): string {
  const digits = code.trim()
  if (!/^\d{6}$/.test(digits)) {
    throw new CrosstrailError(
      'access.mfa-malformed',
      `the MFA code for account ${account} is not six digits (${digits.length} characters given)`,
      { hint: 'type the six digits the device shows, without spaces', facts: { account } },
    )
  }
  return digits
}
