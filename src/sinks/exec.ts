import { type ChildProcess, spawn } from 'node:child_process'
import { Slots } from '../disk/slots.ts'
import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { execScript } from './exec-template.ts'
import { folderSink, type FolderSinkOptions } from './folder.ts'
import type { Sink } from './sink.ts'

export interface ExecSinkOptions extends Omit<FolderSinkOptions, 'onFile'> {
  /** For the shell. `{}` stands for the path, quoted already; without one the path comes last. */
  readonly command: string
  readonly atATime: number
}

/**
 * Files that mirror the keys, each of which has arrived once a command has taken it. If that is not known, the next pull runs the command again.
 * Throws `usage.exec-template` for a command that would not get the path as one argument.
 */
export function execSink({ command, atATime, ...folder }: ExecSinkOptions, signal: AbortSignal): Sink {
  const script = execScript(command)
  const slots = new Slots(atATime)
  const onFile = (path: string): Promise<void> =>
    slots.run(async () => {
      // Hundreds may wait: a stop need not last until each had its turn
      if (signal.aborted) throw new CrosstrailError('interrupted', `stopped before the command for ${path}`)
      await execute(script, path)
    })
  return folderSink({ ...folder, onFile }, signal)
}

/**
 * Runs a script for a file. What it prints is kept for the error, and never mixes with our own output.
 * Throws `object.exec-failed` if it does not end with 0.
 */
export function execute(script: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('/bin/sh', ['-c', script, 'sh', path], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-keptCharacters)
    }
    // It has no pipes if too many files are open: then the error follows.
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.on('error', (cause) => reject(failed(path, 'could not be started', cause.message, cause)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(failed(path, code === null ? `was ended by ${signal}` : `ended with ${code}`, said))
    })
  })
}

/** Long enough for a token whose beginning must be there, or it is not known for one. */
const keptCharacters = 16_384
const shownCharacters = 2000

function failed(path: string, how: string, said: string, cause?: unknown): CrosstrailError {
  const lastLine = maskedForeignText(said.trim().split('\n').at(-1) ?? '').slice(-shownCharacters)
  const message = `the command for ${path} ${how}${lastLine === '' ? '' : `: ${lastLine}`}`
  return new CrosstrailError('object.exec-failed', message, {
    hint: 'the file stays uncovered: the next pull gives it to the command again',
    facts: { path },
    cause,
  })
}
