import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Environment } from '../e2e/support/crosstrail.ts'
import { describeUnless } from '../describe-unless.ts'

const pty = await import('@lydell/node-pty').catch((error: unknown) => String(error))
const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')
const waitMs = 30_000

/** `describe` for tests that need a terminal. Without one they are skipped with the reason; with `CI=true` they fail. */
export function describeOnTerminal(title: string, tests: () => void): void {
  describeUnless(typeof pty === 'string' ? pty : undefined, title, tests)
}

export interface TerminalOptions {
  readonly env: Environment
  readonly cwd: string
  readonly columns?: number
  /** Redirections of a shell, such as `>results 2>talk`. Other streams are the terminal. */
  readonly redirect?: string
}

/** A person at a terminal in which the built command runs. */
export interface Terminal {
  /** All output so far, including escape sequences. */
  raw(): string
  /** The same without escape sequences: everything that was readable at some time. */
  text(): string
  /** Waits for a text after the one of the previous wait. Throws with the output if it does not appear or the command ends. */
  sees(text: string): Promise<void>
  type(keys: string): void
  answers(question: string, keys: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** The exit code. A command that does not end is killed, and that is an error. */
  ended(): Promise<number>
}

export const keys = {
  enter: '\r',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
  escape: '\u001B',
  down: '\u001B[B',
  space: ' ',
} as const

/** Runs the built command in its own terminal until the end of the test. */
export function openTerminal(args: readonly string[], options: TerminalOptions): Terminal {
  if (typeof pty === 'string') throw new Error(pty)
  if (!existsSync(bin)) throw new Error('dist/bin.cjs is missing: run `npm run build` first')
  const { env, cwd, columns = 100, redirect } = options
  const shell = ['-c', `exec "$0" "$@" ${redirect ?? ''}`, process.execPath, bin, ...args]
  const name = env['TERM'] ?? 'xterm-256color'
  const child = pty.spawn('/bin/sh', shell, { name, cols: columns, rows: 40, cwd, env: { ...env } })
  let raw = ''
  let seen = 0
  let exitCode: number | undefined
  child.onData((data) => (raw += data))
  child.onExit((exit) => (exitCode = exit.exitCode))
  onTestFinished(() => {
    if (exitCode === undefined) child.kill('SIGKILL')
  })

  async function until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadlineMs = Date.now() + waitMs
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (Date.now() > deadlineMs) {
        if (exitCode === undefined) child.kill('SIGKILL')
        throw new Error(`${what} did not appear; the output is:\n${text()}`)
      }
      await new Promise((settle) => setTimeout(settle, 15))
    }
  }

  const text = (): string => stripVTControlCharacters(raw)
  const terminal: Terminal = {
    raw: () => raw,
    text,
    sees: (wanted) =>
      until(() => {
        const at = text().indexOf(wanted, seen)
        if (at === -1) {
          if (exitCode === undefined) return undefined
          throw new Error(`it ended with ${exitCode} before ${wanted}; the output is:\n${text()}`)
        }
        seen = at + wanted.length
        return true
      }, JSON.stringify(wanted)).then(() => undefined),
    type: (typed) => child.write(typed),
    async answers(question, typed) {
      await terminal.sees(question)
      child.write(typed)
    },
    kill: (signal) => child.kill(signal),
    ended: () => until(() => exitCode, 'the end'),
  }
  return terminal
}
