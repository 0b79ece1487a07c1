import { CrosstrailError } from '../error.ts'
import { dayMs } from '../trail/calendar.ts'
import type { Finding, PullReport } from '../verbs/pull/report.ts'
import type { RunEvent } from '../work/run-event.ts'
import type { Runtime } from '../cli/command.ts'
import { exitCodeOfStop, exitCodes } from '../cli/exit-code.ts'
import { type HealthServer, isLoopback, startHealthServer } from './health-server.ts'
import { lastSuccessIn } from './metrics/metrics-file.ts'
import { PullMeter } from './metrics/pull-meter.ts'
import { metricsPage, writeMetrics } from './metrics/write-metrics.ts'
import { healthProblem, type PullPulse, stuckProblem } from './health.ts'
import { repeatRuns } from './repeat-runs.ts'
import { isHeldLock, openForPulls, type PullFrame, pullResults, type PullSettings, runPullOnce } from '../cli/measured-pull.ts'
import { paintFor } from '../cli/render/colour.ts'
import { errorText } from '../cli/render/error-text.ts'
import { formatSpan } from '../cli/render/status-lines.ts'
import { type PullTalk, pullTalk } from '../cli/render/pull-talk.ts'
import { type SdNotifier, sdNotifier } from './sd-notify.ts'

/** A process that goes on pulling. */
interface Daemon {
  readonly frame: PullFrame
  readonly words: PullTalk
  readonly notifier: SdNotifier | undefined
  pulse: PullPulse
  findings: readonly Finding[]
}

/**
 * Pulls every so often until it is stopped, and answers the exit code of the stop. A run that fails is tried again, later and later; what no
 * later run can get over (arguments, the config, a damaged coverage, a bug) is thrown.
 */
export async function keepPulling(
  settings: PullSettings & { readonly everyMs: number },
  runtime: Runtime,
): Promise<number> {
  const { everyMs, listen, metricsFile, output } = settings
  const words = pullTalk(output, runtime)
  const notifier = sdNotifier(runtime.env, (problem) => words.note(`warning: ${problem}`))
  const services = await openForPulls(settings, runtime)
  let server: HealthServer | undefined
  let watchdog: NodeJS.Timeout | undefined
  const onStop = () => notifier?.stopping('stopping')
  try {
    const meter = new PullMeter(metricsFile === undefined ? undefined : lastSuccessIn(metricsFile))
    const results = pullResults(settings, runtime)
    const frame = { services, settings, runtime, meter, results, progress: false, tells: onceADay() }
    const daemon: Daemon = { frame, words, notifier, pulse: resting(0), findings: [] }
    if (listen !== undefined) {
      server = await startHealthServer(listen, {
        metrics: () => metricsPage(meter, true),
        health: () => healthProblem(daemon.pulse, performance.now()),
        live: () => stuckProblem(daemon.pulse, performance.now()),
      })
      const open = isLoopback(listen) ? '' : ', open to whoever reaches this machine'
      words.note(`listening on ${server.url}${open}`)
    }
    runtime.signal.addEventListener('abort', onStop, { once: true })
    watchdog = startWatchdog(daemon)
    notifier?.ready('the first pull')
    await repeatRuns({
      everyMs,
      signal: runtime.signal,
      run: () => oneOfMany(daemon),
      onWait: (waitMs, failuresInARow) => {
        const tries = failuresInARow === 0 ? '' : `; ${failuresInARow} pulls in a row failed`
        notifier?.status(`the next pull in ${formatSpan(waitMs)}${tries}`)
      },
    })
    const stop = runtime.stop() ?? 'SIGTERM'
    return stop === 'output-closed' ? exitCodes.failures : exitCodeOfStop(stop)
  } finally {
    clearInterval(watchdog)
    runtime.signal.removeEventListener('abort', onStop)
    await server?.close()
    await notifier?.close()
    await services.close()
  }
}

/** Answers whether it went well. */
async function oneOfMany(daemon: Daemon): Promise<boolean> {
  const { frame, words, notifier, pulse } = daemon
  const { settings, runtime, meter } = frame
  notifier?.status('pulling')
  daemon.pulse = { ...pulse, lastSignMs: performance.now() }
  let failure: string | undefined
  try {
    const report = await runPullOnce(frameOf(daemon), (ended) => words.line(ended, daemon.findings))
    daemon.findings = report.findings
    failure = failureOf(report)
  } catch (error) {
    if (!passes(error)) throw error
    if (isHeldLock(error) && settings.ifFree) words.held(error)
    else failure = tellError(error, frame)
  }
  daemon.pulse = resting(failure === undefined ? 0 : pulse.failuresInARow + 1, failure)
  writeMetrics(settings.metricsFile, () => metricsPage(meter, true), runtime)
  return failure === undefined
}

/** Every event is a sign of life. */
function frameOf(daemon: Daemon): PullFrame {
  const { frame } = daemon
  return {
    ...frame,
    tells(event) {
      daemon.pulse = { ...daemon.pulse, lastSignMs: performance.now() }
      return frame.tells?.(event) ?? true
    },
  }
}

function resting(failuresInARow: number, lastFailure?: string): PullPulse {
  return { lastSignMs: undefined, failuresInARow, lastFailure }
}

/**
 * What made a run fail as a whole, so that the next one waits longer; undefined where nothing did. A few objects or accounts among
 * others are no reason: they would hold up the rest.
 */
export function failureOf({ error, accounts, total, interrupted }: PullReport): string | undefined {
  if (interrupted) return undefined
  if (error !== undefined) return error.code
  const [first] = accounts.flatMap((account) => account.error ?? [])
  if (first !== undefined && accounts.every((account) => account.error !== undefined)) return first.code
  return total.failed > 0 && total.done === 0 ? Object.keys(total.failures)[0] : undefined
}

/** Whether a later run may get over it by itself. */
export function passes(error: unknown): error is CrosstrailError {
  return error instanceof CrosstrailError && !/^(?:usage|config|coverage)\./.test(error.code)
}

function tellError(error: CrosstrailError, { settings, runtime }: PullFrame): string {
  const { output, noColor } = settings.output
  // What comes of a stop needs no word
  if (error.code !== 'interrupted') {
    runtime.stderr.write(`${errorText(error, output, paintFor(runtime.stderr, runtime.env, noColor))}\n`)
  }
  return error.code
}

/** A note that every pull makes is told once a day. */
function onceADay(): (event: RunEvent) => boolean {
  const toldAtMs = new Map<string, number>()
  return (event) => {
    if (event.type !== 'note') return true
    const nowMs = performance.now()
    const told = toldAtMs.get(event.message)
    if (told !== undefined && nowMs - told < dayMs) return false
    for (const [message, atMs] of toldAtMs) if (nowMs - atMs >= dayMs) toldAtMs.delete(message)
    toldAtMs.set(event.message, nowMs)
    return true
  }
}

/** A process that is stuck is not said to be alive, and systemd starts another. */
function startWatchdog(daemon: Daemon): NodeJS.Timeout | undefined {
  const { notifier } = daemon
  if (notifier?.watchdogMs === undefined) return undefined
  const ping = () => {
    if (stuckProblem(daemon.pulse, performance.now()) === undefined) notifier.alive()
  }
  return setInterval(ping, notifier.watchdogMs / 2).unref()
}
