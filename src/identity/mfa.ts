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
 * One asker for a whole run, shared by its accounts: the given code first, then the prompt.
 * Throws `access.mfa-no-terminal` where nobody can be asked, and `access.mfa-malformed` for anything but six digits.
 */
export function mfaAsker(options: MfaOptions): MfaPrompt {
  let given = options.code
  return async (serial, account) => {
    const code = given ?? (await askPerson(options.prompt, serial, account))
    given = undefined
    return sixDigits(code, account)
  }
}

async function askPerson(prompt: MfaPrompt | undefined, serial: string, account: string): Promise<string> {
  if (prompt === undefined) {
    throw new CrosstrailError(
      'access.mfa-no-terminal',
      `account ${account} needs a code of the MFA device ${serial}, and there is no terminal to ask on`,
      {
        hint: 'pass a fresh code with --mfa-code, or run it on a terminal; for scheduled runs use a role that needs no MFA',
        facts: { account, mfaSerial: serial },
      },
    )
  }
  return prompt(serial, account)
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
