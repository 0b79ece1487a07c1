import { CrosstrailError } from '../error.ts'
import { mfaProcessCode } from './mfa-process.ts'
import { rememberedCode } from './signing-keys.ts'

/** Asks a person for the six digits that the MFA device `serial` shows now. `account` is the label of the account. */
export type MfaPrompt = (serial: string, account: string) => Promise<string>

/** Returns the six digits for a call, from a person (`MfaPrompt`) or from a command. */
export type MfaAsker = (serial: string, account: string, process?: MfaProcess) => Promise<string>

/** The command that prints an account's codes, so that nobody has to be asked. */
export interface MfaProcess {
  readonly command: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface MfaOptions {
  /** A code that was given in advance (`--mfa-code`). A code is valid for one call, so it serves only the first request. */
  readonly code?: string | undefined
  /** Asks a person. Undefined if there is no terminal. */
  readonly prompt?: MfaPrompt | undefined
  readonly now?: (() => number) | undefined
}

/**
 * Returns one asker for a whole run, shared by its accounts. It uses the given code first, then the account's command, then the prompt. It
 * asks one question at a time. If a command fails, it does not fall back to the prompt.
 * Throws `access.mfa-no-terminal` if nobody can be asked, `access.mfa-process-failed` for a command, and `access.mfa-malformed` for
 * anything but six digits.
 */
export function mfaAsker({ code: given, prompt, now }: MfaOptions): MfaAsker {
  let givenTo: string | undefined
  let lastQuestion: Promise<unknown> = Promise.resolve()
  const usedCodes = new Map<string, string>()
  if (given !== undefined) rememberedCode(given.trim())
  return async (serial, account, { command, signal } = { command: undefined }) => {
    if (given !== undefined && givenTo === undefined) {
      givenTo = account
      usedCodes.set(serial, given.trim())
      return sixDigits(given, account)
    }
    const ask =
      command === undefined
        ? prompt
        : () => mfaProcessCode(command, { account, signal, usedCode: usedCodes.get(serial), now })
    if (ask === undefined) throw nobodyToAsk(serial, account, givenTo)
    const answer = lastQuestion.then(async () => {
      const code = sixDigits(await ask(serial, account), account)
      usedCodes.set(serial, code)
      return code
    })
    // The next question does not depend on this one's outcome, which its own caller receives.
    lastQuestion = answer.catch(() => undefined)
    return answer
  }
}

function nobodyToAsk(serial: string, account: string, givenTo: string | undefined): CrosstrailError {
  const needs = `account ${account} needs a code from the MFA device ${serial}`
  const facts = { account, mfaSerial: serial }
  if (givenTo === undefined) {
    return new CrosstrailError('access.mfa-no-terminal', `${needs}, but there is no terminal to ask for it`, {
      hint: 'pass a fresh code with --mfa-code, run it in a terminal, or set mfaProcess of the account to a command that prints codes; for scheduled runs use a role that needs no MFA',
      facts,
    })
  }
  const message = `${needs}, but the given code was used for account ${givenTo}, and there is no terminal to ask for another`
  return new CrosstrailError('access.mfa-no-terminal', message, {
    hint: 'a code is valid for one call: run one account at a time with a fresh --mfa-code, run it in a terminal, or set mfaProcess',
    facts: { ...facts, usedFor: givenTo },
  })
}

function sixDigits(code: string, account: string): string {
  const digits = code.trim()
  if (!/^\d{6}$/.test(digits)) {
    const message = `the MFA code for account ${account} is not six digits (${digits.length} characters given)`
    throw new CrosstrailError('access.mfa-malformed', message, {
      hint: 'type the six digits that the device shows, without spaces',
      facts: { account },
    })
  }
  return rememberedCode(digits)
}
