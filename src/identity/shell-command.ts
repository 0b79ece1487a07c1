import { exec } from 'node:child_process'

import { CrosstrailError } from '../error.ts'

/** What became of a command: what it printed, or how it ended, in words that hold nothing of it. */
export type ShellOutcome = { readonly stdout: string } | { readonly ended: string }

export interface ShellOptions {
  /** The account it runs for, by its label. */
  readonly account: string
  readonly signal?: AbortSignal | undefined
  /** It is killed after that. Undefined: never. */
  readonly timeoutMs?: number | undefined
}

/**
 * Runs a command of the config by the shell, without input. What it writes to stderr is dropped: it may hold secrets.
 * Throws `interrupted` where `signal` is aborted.
 */
export function runShell(command: string, options: ShellOptions): Promise<ShellOutcome> {
  const { account, signal, timeoutMs = 0 } = options
  return new Promise((resolve, reject) => {
    const child = exec(
      command,
      { windowsHide: true, timeout: timeoutMs, ...(signal !== undefined && { signal }) },
      (error, stdout) => {
        if (error === null) return resolve({ stdout })
        if (signal?.aborted === true) {
          return reject(new CrosstrailError('interrupted', `stopped while a command of account ${account} ran`))
        }
        resolve({ ended: howItEnded(error, timeoutMs) })
      },
    )
    // Who asks on stdin would wait for ever; one that is gone already is no failure of ours.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end()
  })
}

function howItEnded(error: import('node:child_process').ExecException, timeoutMs: number): string {
  const { code, signal, killed } = error
  if (killed === true && timeoutMs > 0) return `did not end within ${timeoutMs / 1000} seconds`
  return signal ? `was killed by ${signal}` : `ended with ${code ?? 'an error'}`
}
