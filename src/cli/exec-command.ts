import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'
import type { HandedSignal, HandOverSignals } from './signals.ts'

export interface ExecOptions {
  readonly env: Environment
  readonly handOverSignals: HandOverSignals
  /** Whether a terminal sends what is typed there, as Ctrl-C, to the command itself. */
  readonly hasTerminal: boolean
}

/**
 * Runs a command with the standard streams of this process, and answers its exit code; 128 and the signal's number where one ended it.
 * Signals go on to it: those of the keyboard only where there is no terminal, which sends them itself.
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
      // Of what keeps a program from being started, Node throws one half and emits the other
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
      hint: 'check its name, and PATH; what follows -- is no shell: use sh -c for pipes and variables',
      facts: { command },
      cause: error,
    })
  }
  return new CrosstrailError('usage.command-not-executable', `${named} cannot be run`, {
    hint: 'check that it is a program, and that you may execute it',
    facts: { command, errno },
    cause: error,
  })
}
