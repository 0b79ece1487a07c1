import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'
import type { HandedSignal, HandOverSignals } from './signals.ts'

export interface ExecOptions {
  readonly env: Environment
  readonly handOverSignals: HandOverSignals
  /** Whether there is a terminal, which sends keys such as Ctrl-C to the command itself. */
  readonly hasTerminal: boolean
}

/**
 * Runs a command with the standard streams of this process. Returns its exit code, or 128 plus the number of the signal that ended it.
 * Passes signals on to it. Those of the keyboard only without a terminal, because a terminal sends them itself.
 * Throws `usage.command-not-found`, `usage.command-not-executable`.
 */
export async function execCommand(
  [command = '', ...args]: readonly string[],
  { env, handOverSignals, hasTerminal }: ExecOptions,
): Promise<number> {
  const waiting: HandedSignal[] = []
  let passOn = (name: HandedSignal): void => void waiting.push(name)
  const takeBack = handOverSignals((name) => {
    if (!hasTerminal || !keyboardSignals.has(name)) passOn(name)
  })
  try {
    return await new Promise<number>((resolve, reject) => {
      // If a program cannot be started, Node throws some errors and emits the others
      const child = spawn(command, args, { env, stdio: 'inherit', windowsHide: true })
      child.once('error', reject)
      child.once('spawn', () => {
        passOn = (name) => void child.kill(name)
        for (const name of waiting) passOn(name)
      })
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]))
    })
  } catch (error) {
    throw notStarted(command, error)
  } finally {
    takeBack()
  }
}

const keyboardSignals: ReadonlySet<HandedSignal> = new Set(['SIGINT', 'SIGQUIT'])

function notStarted(command: string, error: unknown): CrosstrailError {
  const named = JSON.stringify(command)
  const errno = (error as NodeJS.ErrnoException).code
  if (errno === 'ENOENT') {
    return new CrosstrailError('usage.command-not-found', `there is no command ${named}`, {
      hint: 'check its name and PATH. No shell interprets what follows --: use sh -c for pipes and variables',
      facts: { command },
      cause: error,
    })
  }
  return new CrosstrailError('usage.command-not-executable', `${named} cannot be run`, {
    hint: 'check that it is a program and that you have the permission to execute it',
    facts: { command, errno },
    cause: error,
  })
}
