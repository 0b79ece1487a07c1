import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import type { Runtime } from './command.ts'

export interface PagerProcess {
  readonly stdin: Writable
  /** Resolves when the process has ended: with why it did not work, or undefined if it did. */
  readonly ended: Promise<string | undefined>
}

/** A pager that fails so soon after its start was not left by a person. */
const soonMs = 2000
/** What a shell answers if it finds no such program, or may not run it. */
const notStarted: ReadonlySet<number | null> = new Set([126, 127])

/**
 * Starts a pager on the terminal. While it runs, Ctrl-C is for the pager: the first one ends the search too, and none ends crosstrail, because
 * the pager would lose the terminal.
 */
export function startPager(
  command: string,
  { env, interrupt, handOverSignals }: Pick<Runtime, 'env' | 'interrupt' | 'handOverSignals'>,
): PagerProcess {
  const startedMs = performance.now()
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...env },
  })
  // The end of the process decides what becomes of text that it did not read.
  child.stdin.on('error', () => undefined)
  let isInterrupted = false
  let isHandedOver = true
  const takeBack = () => {
    if (isHandedOver) giveBack()
    isHandedOver = false
  }
  const giveBack = handOverSignals((name) => {
    if (name === 'SIGINT') {
      if (!isInterrupted) interrupt()
      isInterrupted = true
    } else if (name !== 'SIGQUIT') {
      takeBack()
      process.kill(process.pid, name)
    }
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`
      if (notStarted.has(code)) return resolve(`could not be started: it ended with ${how}`)
      const isLeft = code === 0 || isInterrupted || performance.now() - startedMs > soonMs
      resolve(isLeft ? undefined : `ended at once with ${how}`)
    })
  })
  return { stdin: child.stdin, ended: ended.finally(takeBack) }
}
