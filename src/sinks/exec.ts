import { type ChildProcess, spawn } from 'node:child_process'
import { Slots } from '../disk/slots.ts'
import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { execScript } from './exec-template.ts'
import { folderSink, type FolderSinkOptions } from './folder.ts'
import type { Sink } from './sink.ts'

export interface ExecSinkOptions extends Omit<FolderSinkOptions, 'onFile'> {
  /** A command for the shell. `{}` stands for the path, already quoted; without one the path comes last. */
  readonly command: string
  readonly atATime: number
}

/**
 * Files that mirror the keys. A file counts as arrived once a command for it has ended with 0. If that is not known, the next pull runs the
 * command again. Throws `usage.exec-template` for a command that would not get the path as one argument.
 */
export function execSink({ command, atATime, ...folder }: ExecSinkOptions, signal: AbortSignal): Sink {
  const script = execScript(command)
  const slots = new Slots(atATime)
  const onFile = (path: string): Promise<void> =>
    slots.run(async () => {
      // Hundreds may wait; a stop need not wait for all of them.
      if (signal.aborted) throw new CrosstrailError('interrupted', `stopped before the command for ${path}`)
      await execute(script, path)
    })
  return folderSink({ ...folder, onFile }, signal)
}

/** Runs a script for a file. Keeps its output for the error, and never mixes it with our own. Throws `object.exec-failed` unless it ends with 0. */
export function execute(script: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('/bin/sh', ['-c', script, 'sh', path], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-keptCharacters)
    }
    // If too many files are open, there are no pipes, and an error event follows.
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.on('error', (cause) => reject(failed(path, 'could not be started', cause.message, cause)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(failed(path, code === null ? `was killed by ${signal}` : `ended with ${code}`, said))
    })
  })
}

/** Long enough to contain the beginning of a token, without which it is not recognized as one. */
const keptCharacters = 16_384
const shownCharacters = 2000

function failed(path: string, how: string, said: string, cause?: unknown): CrosstrailError {
  const lastLine = maskedForeignText(said.trim().split('\n').at(-1) ?? '').slice(-shownCharacters)
  const message = `the command for ${path} ${how}${lastLine === '' ? '' : `: ${lastLine}`}`
  return new CrosstrailError('object.exec-failed', message, {
    hint: 'the next pull runs the command for this file again',
    facts: { path },
    cause,
  })
}
