import { execFile } from 'node:child_process'
import type { Environment } from '../config/environment.ts'

/** Reports the state of this service to systemd. Messages are sent in order. Only `close` waits for them. */
export interface SdNotifier {
  /** The service has started. */
  ready(status: string): void
  status(status: string): void
  /** Pings the watchdog. */
  alive(): void
  stopping(status: string): void
  /** How often systemd expects `alive`. Undefined: never. */
  readonly watchdogMs: number | undefined
  /** Resolves when all messages have been sent. */
  close(): Promise<void>
}

/**
 * Connects to the service manager in `NOTIFY_SOCKET`, like sd_notify(3). Returns undefined if the variable is not set.
 * Node has no Unix datagram sockets, so `systemd-notify` runs for each message: the service needs `NotifyAccess=all`.
 * Calls `onProblem` on the first failure only.
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
        if (!told) onProblem(`cannot notify systemd: ${error instanceof Error ? error.message : String(error)}`)
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

/** Line ends separate assignments, so a status must not have one. */
function statusLine(status: string): string {
  return `STATUS=${status.replaceAll(/\s+/g, ' ')}`
}

function notify(assignments: readonly string[], socket: string, path: string | undefined): Promise<void> {
  // It needs no other variables, and they may contain secrets.
  const env = { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) }
  return new Promise((sent, failed) => {
    execFile('systemd-notify', [...assignments], { env, timeout: longestNotifyMs }, (error) =>
      error === null ? sent() : failed(error),
    )
  })
}
