import type { Environment } from '../config/environment.ts'
import { readRegularFile } from '../disk/regular-file.ts'
import { CrosstrailError } from '../error.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import { type HealthServer, isLoopback, type ListenAddress, startHealthServer } from './health-server.ts'
import { healthProblem, type PullPulse, stuckProblem } from './health.ts'
import { repeatRuns } from './repeat-runs.ts'
import { type SdNotifier, sdNotifier } from './sd-notify.ts'

export interface RepeatedPull {
  readonly everyMs: number
  /** True: a pull that succeeded is followed by the next one at once. `everyMs` is then the first wait after one that failed. */
  readonly atOnce?: boolean | undefined
  readonly listen: ListenAddress | undefined
  readonly env: Environment
  readonly signal: AbortSignal
  /** Runs one pull, and calls `onSign` on progress. Resolves with an error code if the whole pull failed. If it rejects, the process ends. */
  readonly pull: (onSign: () => void) => Promise<string | undefined>
  readonly metrics: () => string
  /** Served at `/report`. */
  readonly reportFile?: string | undefined
  readonly note: (text: string) => void
  readonly span: (waitMs: number) => string
}

/** Pulls every `everyMs` until the signal is aborted. While pulls fail, the intervals get longer. */
export async function keepPulling(repeated: RepeatedPull): Promise<void> {
  const { everyMs, listen, env, signal, note, span, reportFile } = repeated
  const notifier = sdNotifier(env, (problem) => note(`warning: ${problem}`))
  let server: HealthServer | undefined
  let watchdog: NodeJS.Timeout | undefined
  let pulse: PullPulse = resting(0)
  const onStop = () => notifier?.stopping('stopping')
  try {
    if (listen !== undefined) {
      server = await startHealthServer(listen, {
        metrics: repeated.metrics,
        health: () => healthProblem(pulse, performance.now()),
        live: () => stuckProblem(pulse, performance.now()),
        report: reportFile === undefined ? undefined : () => readRegularFile(reportFile, mostReportBytes),
      })
      const open = isLoopback(listen) ? '' : ', reachable from other machines'
      note(`listening on ${server.url}${open}`)
    }
    signal.addEventListener('abort', onStop, { once: true })
    watchdog = startWatchdog(notifier, () => pulse)
    notifier?.ready('the first pull')
    await repeatRuns({
      everyMs,
      atOnce: repeated.atOnce,
      signal,
      async run() {
        notifier?.status('pulling')
        const onSign = () => (pulse = { ...pulse, lastSignMs: performance.now() })
        onSign()
        const failure = await repeated.pull(onSign)
        pulse = resting(failure === undefined ? 0 : pulse.failuresInARow + 1, failure)
        return failure === undefined
      },
      onWait: (waitMs, failuresInARow) => {
        const tries = failuresInARow === 0 ? '' : `; ${failuresInARow} pulls in a row failed`
        notifier?.status(`the next pull in ${span(waitMs)}${tries}`)
      },
    })
  } finally {
    clearInterval(watchdog)
    signal.removeEventListener('abort', onStop)
    await server?.close()
    await notifier?.close()
  }
}

/** A page has at most about 5 MB. */
const mostReportBytes = 64 * 1024 * 1024

function resting(failuresInARow: number, lastFailure?: string): PullPulse {
  return { lastSignMs: undefined, failuresInARow, lastFailure }
}

/**
 * Returns the error code of a run that failed as a whole, so that the next one waits longer; undefined otherwise. Some failed objects or
 * accounts do not count: waiting would delay the others.
 */
export function failureOf({ error, accounts, total, interrupted }: PullReport): string | undefined {
  if (interrupted) return undefined
  if (error !== undefined) return error.code
  const [first] = accounts.flatMap((account) => account.error ?? [])
  if (first !== undefined && accounts.every((account) => account.error !== undefined)) return first.code
  return total.failed > 0 && total.done === 0 ? Object.keys(total.failures)[0] : undefined
}

/** Whether a later run may succeed without a change: wrong arguments, a wrong config, damaged coverage and bugs do not go away. */
export function passes(error: unknown): error is CrosstrailError {
  return error instanceof CrosstrailError && !/^(?:usage|config|coverage)\./.test(error.code)
}

/** Sends no ping while the process is stuck, so that systemd restarts it. */
function startWatchdog(notifier: SdNotifier | undefined, pulse: () => PullPulse): NodeJS.Timeout | undefined {
  if (notifier?.watchdogMs === undefined) return undefined
  const ping = () => {
    if (stuckProblem(pulse(), performance.now()) === undefined) notifier.alive()
  }
  return setInterval(ping, notifier.watchdogMs / 2).unref()
}
