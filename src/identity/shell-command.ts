import { exec } from 'node:child_process'

import { CrosstrailError } from '../error.ts'

/** The result of a command: its output, or how it ended. `ended` quotes neither the command nor its output. */
export type ShellOutcome = { readonly stdout: string } | { readonly ended: string }

export interface ShellOptions {
  readonly account: string
  readonly signal?: AbortSignal | undefined
  /** The command is killed after this time. Undefined: never. */
  readonly timeoutMs?: number | undefined
}

/** Runs a command of the config in the shell, without input. Drops its stderr, which may contain secrets. Throws `interrupted` on abort. */
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
    // A command that reads stdin must not wait forever. It is no error here if the command has already exited.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end()
  })
}

function howItEnded(error: import('node:child_process').ExecException, timeoutMs: number): string {
  const { code, signal, killed } = error
  if (killed === true && timeoutMs > 0) return `did not end within ${timeoutMs / 1000} seconds`
  return signal ? `was killed by ${signal}` : `ended with ${code ?? 'an error'}`
}
