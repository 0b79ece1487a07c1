import { execFile } from 'node:child_process'
import type { Environment } from '../config/environment.ts'

/** What systemd is told of this service. Messages leave in order, and none is waited for but by `close`. */
export interface SdNotifier {
  /** It works now. */
  ready(status: string): void
  status(status: string): void
  /** It is still well. */
  alive(): void
  stopping(status: string): void
  /** How often systemd expects `alive`. Undefined: never. */
  readonly watchdogMs: number | undefined
  /** Resolves when all messages have left. */
  close(): Promise<void>
}

/**
 * Speaks to the service manager that `NOTIFY_SOCKET` names, as sd_notify(3) does; undefined where none does.
 *
 * Node has no datagram sockets in the file system, so `systemd-notify` is run for each message: the service needs `NotifyAccess=all`.
 * `onProblem` is told once when that fails.
 */
export function sdNotifier(env: Environment, onProblem: (problem: string) => void): SdNotifier | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdogMicros, WATCHDOG_PID: watchdogPid } = env
  if (socket === undefined || socket === '') return undefined
  let last: Promise<void> = Promise.resolve()
  let told = false
  const send = (...assignments: readonly string[]): void => {
    last = last
      .then(() => notify(assignments, socket, env['PATH']))
      .catch((error: unknown) => {
        if (!told) onProblem(`systemd cannot be told: ${error instanceof Error ? error.message : String(error)}`)
        told = true
      })
  }
  const ours = watchdogPid === undefined || watchdogPid === String(process.pid)
  return {
    ready: (status) => send('READY=1', statusLine(status)),
    status: (status) => send(statusLine(status)),
    alive: () => send('WATCHDOG=1'),
    stopping: (status) => send('STOPPING=1', statusLine(status)),
    watchdogMs: ours && /^[1-9]\d{0,15}$/.test(watchdogMicros ?? '') ? Number(watchdogMicros) / 1000 : undefined,
    close: () => last,
  }
}

const longestNotifyMs = 10_000

/** Assignments are separated by line ends: a status holds none. */
function statusLine(status: string): string {
  return `STATUS=${status.replaceAll(/\s+/g, ' ')}`
}

function notify(assignments: readonly string[], socket: string, path: string | undefined): Promise<void> {
  // It needs nothing else of the environment, which may hold secrets
  const env = { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) }
  return new Promise((sent, failed) => {
    execFile('systemd-notify', [...assignments], { env, timeout: longestNotifyMs }, (error) =>
      error === null ? sent() : failed(error),
    )
  })
}
