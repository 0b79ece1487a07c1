import { CrosstrailError } from '../error.ts'
import { mfaProcessCode } from './mfa-process.ts'
import { rememberedCode } from './signing-keys.ts'

/** Asks for the six digits that the MFA device `serial` shows now, for the account of that label. */
export type MfaPrompt = (serial: string, account: string) => Promise<string>

/** Gives the six digits for a call: of the person that an `MfaPrompt` asks, or of a command. */
export type MfaAsker = (serial: string, account: string, process?: MfaProcess) => Promise<string>

/** How an account of the config gets its codes without a person. */
export interface MfaProcess {
  readonly command: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface MfaOptions {
  /** A code given beforehand (`--mfa-code`). A device's code is good for one call, so it answers the first ask only. */
  readonly code?: string | undefined
  /** Asks a person. Undefined where there is no terminal. */
  readonly prompt?: MfaPrompt | undefined
  readonly now?: (() => number) | undefined
}

/**
 * One asker for a whole run, shared by its accounts: the given code first, then the account's command, then the prompt; one question
 * at a time. A command that failed is not made up for by a prompt.
 * Throws `access.mfa-no-terminal` where nobody can be asked, `access.mfa-process-failed` for a command, and `access.mfa-malformed` for
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
    // The next is asked whatever became of this one, which is its caller's to hear.
    lastQuestion = answer.catch(() => undefined)
    return answer
  }
}

function nobodyToAsk(serial: string, account: string, givenTo: string | undefined): CrosstrailError {
  const needs = `account ${account} needs a code of the MFA device ${serial}`
  const facts = { account, mfaSerial: serial }
  if (givenTo === undefined) {
    return new CrosstrailError('access.mfa-no-terminal', `${needs}, and there is no terminal to ask on`, {
      hint: 'pass a fresh code with --mfa-code, run it on a terminal, or set mfaProcess of the account to a command that prints codes; for scheduled runs use a role that needs no MFA',
      facts,
    })
  }
  const message = `${needs}: the one given was used for account ${givenTo}, and there is no terminal to ask on`
  return new CrosstrailError('access.mfa-no-terminal', message, {
    hint: 'a code is good for one call: run it for one account at a time with a fresh --mfa-code each, on a terminal, or with an mfaProcess',
    facts: { ...facts, usedFor: givenTo },
  })
}

function sixDigits(code: string, account: string): string {
  const digits = code.trim()
  if (!/^\d{6}$/.test(digits)) {
    const message = `the MFA code for account ${account} is not six digits (${digits.length} characters given)`
    throw new CrosstrailError('access.mfa-malformed', message, {
      hint: 'type the six digits the device shows, without spaces',
      facts: { account },
    })
  }
  return rememberedCode(digits)
}
