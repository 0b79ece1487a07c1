import { failureOf, keepPulling, passes } from '../daemon/keep-pulling.ts'
import { type CrosstrailError, hasCode } from '../error.ts'
import { dayMs } from '../trail/calendar.ts'
import type { Finding } from '../verbs/pull/report.ts'
import type { RunEvent } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfStop, exitCodes } from './exit-code.ts'
import { type PullSettings, withPulls } from './measured-pull.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { pullTalk } from './render/pull-talk.ts'
import { formatSpan } from './render/status-lines.ts'

/**
 * Pulls at an interval until it is stopped, and returns the exit code of the stop. After a failed run it tries again with growing delays.
 * Throws errors that a later run cannot solve: arguments, the config, a damaged coverage, a bug.
 */
export function pullRepeatedly(
  settings: PullSettings & { readonly everyMs: number },
  runtime: Runtime,
): Promise<number> {
  const { everyMs, listen, output, ifFree, report, servesReport } = settings
  const { env, signal } = runtime
  const words = pullTalk(output, runtime)
  return withPulls(settings, true, runtime, async (pulls) => {
    const isNews = onceADay()
    let findings: readonly Finding[] = []
    const pullOnce = async (onSign: () => void): Promise<string | undefined> => {
      const tells = (event: RunEvent) => {
        onSign()
        return isNews(event)
      }
      try {
        const report = await pulls.pull((ended) => words.line(ended, findings), tells)
        ;({ findings } = report)
        return failureOf(report)
      } catch (error) {
        if (!passes(error)) throw error
        if (!hasCode(error, 'lock.held') || !ifFree) return tellError(error, settings, runtime)
        words.held(error)
        return undefined
      }
    }
    const pull = async (onSign: () => void): Promise<string | undefined> => {
      const failure = await pullOnce(onSign)
      // A page about a pull that failed shows what is missing.
      if (!signal.aborted) await pulls.writeReport()
      pulls.writePage()
      return failure
    }
    const { page: metrics } = pulls
    const reportFile = servesReport ? report : undefined
    const told = { note: words.note, span: formatSpan }
    await keepPulling({ everyMs, listen, env, signal, pull, metrics, reportFile, ...told })
    const stop = runtime.stop() ?? 'SIGTERM'
    return stop === 'output-closed' ? exitCodes.failures : exitCodeOfStop(stop)
  })
}

/** Prints an error of a pull, and returns its code. */
export function tellError(
  error: CrosstrailError,
  { output: { output, noColor } }: PullSettings,
  runtime: Runtime,
): string {
  // An error caused by a stop needs no message
  if (error.code !== 'interrupted') {
    runtime.stderr.write(`${errorText(error, output, paintFor(runtime.stderr, runtime.env, noColor))}\n`)
  }
  return error.code
}

/** Returns a function that is true for each note once a day. */
export function onceADay(): (event: RunEvent) => boolean {
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
