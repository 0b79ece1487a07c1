import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkPrinted } from './printed-commands.ts'

export type Environment = Readonly<Record<string, string>>

export interface CommandResult {
  /** Null if a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly result: Promise<CommandResult>
}

export interface StartOptions {
  readonly cwd?: string
  /** Where stdout goes instead of being recorded: a file descriptor, or nowhere. */
  readonly stdout?: 'ignore' | number
  /** What stdin holds. Default: it is closed. */
  readonly stdin?: string
}

const bin = resolve(import.meta.dirname, '../../../dist/bin.cjs')

/** Starts the built command without a terminal, in exactly that environment. Throws if it is not built. */
export function startCrosstrail(args: readonly string[], env: Environment, options: StartOptions = {}): RunningCommand {
  if (!existsSync(bin)) throw new Error('dist/bin.cjs is missing: run `npm run build` first')
  const child = spawn(process.execPath, [bin, ...args], {
    env,
    cwd: options.cwd,
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', options.stdout ?? 'pipe', 'pipe'],
  })
  child.stdin?.end(options.stdin)
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const result = new Promise<CommandResult>((settle, fail) => {
    child.once('error', fail)
    child.once('close', (exitCode, signal) => {
      // A killed run may have been in the middle of a line
      const checked = signal === null ? checkPrinted(args, stdout, stderr) : Promise.resolve()
      checked.then(() => settle({ exitCode, signal, stdout, stderr }), fail)
    })
  })
  return { child, result }
}

/** The objects of NDJSON. Throws if a line is empty or not an object, or if the last line does not end. */
export function jsonLines(text: string): Record<string, unknown>[] {
  if (text === '') return []
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`no object: ${line}`)
      return value as Record<string, unknown>
    })
}
