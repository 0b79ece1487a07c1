import { setTimeout as sleep } from 'node:timers/promises'

import { CrosstrailError } from '../error.ts'
import { programName } from './program-name.ts'
import { runShell } from './shell-command.ts'

/** A code generator waits for a touch at times, and no person for longer. */
const timeoutMs = 60_000
/** How long a device shows a code (RFC 6238), and what its clock may be behind. */
const stepMs = 30_000
const slackMs = 1_000

export interface MfaProcessOptions {
  readonly account: string
  readonly signal?: AbortSignal | undefined
  /** The code that the device gave before. */
  readonly usedCode?: string | undefined
  readonly now?: (() => number) | undefined
}

/**
 * The six digits a command of the config prints, run by the shell. AWS takes a code once: where the device still shows `usedCode`, its next
 * one is waited for, half a minute at most; what it shows then is given, whatever it is.
 * Throws `access.mfa-process-failed`; neither the command's words nor its output are shown. `interrupted` where `signal` is aborted.
 */
export async function mfaProcessCode(command: string, options: MfaProcessOptions): Promise<string> {
  const code = await printedCode(command, options)
  if (code !== options.usedCode) return code
  await nextStep(options)
  return printedCode(command, options)
}

async function printedCode(command: string, { account, signal }: MfaProcessOptions): Promise<string> {
  const outcome = await runShell(command, { account, signal, timeoutMs })
  if ('ended' in outcome) throw mfaProcessFailed(command, account, outcome.ended)
  const digits = outcome.stdout.replaceAll(/\s/g, '')
  if (/^\d{6}$/.test(digits)) return digits
  throw mfaProcessFailed(command, account, `printed ${digits.length} characters in place of six digits`)
}

async function nextStep({ account, signal, now = Date.now }: MfaProcessOptions): Promise<void> {
  const waitMs = stepMs - (now() % stepMs) + slackMs
  try {
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal })
  } catch (cause) {
    const message = `stopped while waiting for the next MFA code of account ${account}`
    throw new CrosstrailError('interrupted', message, { facts: { account }, cause })
  }
}

function mfaProcessFailed(command: string, account: string, what: string): CrosstrailError {
  const program = programName(command)
  return new CrosstrailError('access.mfa-process-failed', `the mfaProcess ${program} of account ${account} ${what}`, {
    hint: 'run the command by hand: it must print the six digits alone and exit with 0, without asking anything on its input',
    facts: { account, program },
  })
}
