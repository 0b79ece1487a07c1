import { failureOf, keepPulling, passes } from '../daemon/keep-pulling.ts'
import { lastSuccessIn } from '../daemon/metrics/metrics-file.ts'
import { PullMeter } from '../daemon/metrics/pull-meter.ts'
import { metricsPage, writeMetrics } from '../daemon/metrics/write-metrics.ts'
import { type CrosstrailError, hasCode } from '../error.ts'
import { dayMs } from '../trail/calendar.ts'
import type { Finding } from '../verbs/pull/report.ts'
import type { RunEvent } from '../work/run-event.ts'
import { withCrosstrail } from './access-args.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfStop, exitCodes } from './exit-code.ts'
import { pullResults, type PullSettings, runPullOnce } from './measured-pull.ts'
import { version } from './own-version.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { pullTalk, warnOn } from './render/pull-talk.ts'
import { formatSpan } from './render/status-lines.ts'

/**
 * Pulls every so often until it is stopped, and answers the exit code of the stop. A run that fails is tried again, later and later; what no
 * later run can get over (arguments, the config, a damaged coverage, a bug) is thrown.
 */
export function pullRepeatedly(
  settings: PullSettings & { readonly everyMs: number },
  runtime: Runtime,
): Promise<number> {
  const { everyMs, listen, metricsFile, output, ifFree } = settings
  const { env, signal } = runtime
  const words = pullTalk(output, runtime)
  return withCrosstrail(settings.aws, runtime, async (crosstrail) => {
    const meter = new PullMeter(metricsFile === undefined ? undefined : lastSuccessIn(metricsFile))
    const metrics = () => metricsPage(meter, version(), true)
    const results = pullResults(settings, runtime)
    const isNews = onceADay()
    let findings: readonly Finding[] = []
    const pullOnce = async (onSign: () => void): Promise<string | undefined> => {
      try {
        const tells = (event: RunEvent) => {
          onSign()
          return isNews(event)
        }
        const report = await runPullOnce(
          { crosstrail, settings, runtime, meter, results, progress: false, tells },
          (ended) => words.line(ended, findings),
        )
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
      writeMetrics(metricsFile, metrics, warnOn(runtime.stderr))
      return failure
    }
    await keepPulling({ everyMs, listen, env, signal, pull, metrics, note: words.note, span: formatSpan })
    const stop = runtime.stop() ?? 'SIGTERM'
    return stop === 'output-closed' ? exitCodes.failures : exitCodeOfStop(stop)
  })
}

function tellError(error: CrosstrailError, { output: { output, noColor } }: PullSettings, runtime: Runtime): string {
  // What comes of a stop needs no word
  if (error.code !== 'interrupted') {
    runtime.stderr.write(`${errorText(error, output, paintFor(runtime.stderr, runtime.env, noColor))}\n`)
  }
  return error.code
}

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
