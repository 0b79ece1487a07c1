import { setTimeout as sleep } from 'node:timers/promises'

import { CrosstrailError } from '../error.ts'
import { programName } from './program-name.ts'
import { runShell } from './shell-command.ts'

/** Some code generators wait for a touch; nobody needs more time than this. */
const timeoutMs = 60_000
/** How long a device shows a code (RFC 6238), and how far its clock may be behind. */
const stepMs = 30_000
const slackMs = 1_000

export interface MfaProcessOptions {
  readonly account: string
  readonly signal?: AbortSignal | undefined
  readonly usedCode?: string | undefined
  readonly now?: (() => number) | undefined
}

/**
 * Returns the six digits that a command of the config prints. The shell runs the command. AWS accepts a code once, so if the device still
 * shows `usedCode`, this waits up to half a minute for the next code and returns that, whatever it is.
 * Throws `access.mfa-process-failed`, which shows neither the command nor its output. Throws `interrupted` if `signal` is aborted.
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
  throw mfaProcessFailed(command, account, `printed ${digits.length} characters instead of six digits`)
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
    hint: 'run the command by hand: it must print only the six digits and exit with 0, without reading its standard input',
    facts: { account, program },
  })
}
