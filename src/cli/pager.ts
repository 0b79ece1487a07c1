import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Environment } from '../config/environment.ts'
import type { Output } from './streams.ts'

/** A program that shows text page by page on the terminal. */
export interface Pager {
  readonly stdout: Output
  /** Aborted when the person has left it. */
  readonly left: AbortSignal
  /** Ends its input, and waits until the person has left it. */
  close(): Promise<void>
}

/**
 * Starts the pager as git does: `CROSSTRAIL_PAGER`, else `PAGER`, else `less`, with `LESS=FRX` unless LESS is set, so that it ends by itself
 * if all fits on one screen. Undefined if stdout is no terminal, the pager is `cat` or empty, or it cannot be started.
 */
export async function startPager(stdout: Output, env: Environment): Promise<Pager | undefined> {
  const command = env['CROSSTRAIL_PAGER'] ?? env['PAGER'] ?? 'less'
  if (stdout.isTTY !== true || env['TERM'] === 'dumb' || ['', 'cat'].includes(command.trim())) return undefined
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...env },
  })
  const controller = new AbortController()
  const ended = once(child, 'exit').catch(() => undefined)
  void ended.then(() => controller.abort())
  // The person may leave before all is written.
  child.stdin.on('error', () => controller.abort())
  try {
    await once(child, 'spawn')
  } catch {
    return undefined
  }
  return {
    stdout: Object.assign(child.stdin, { isTTY: true, columns: stdout.columns }),
    left: controller.signal,
    async close() {
      child.stdin.end()
      await ended
    },
  }
}
