import { hasCode } from '../error.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import type { Outcome } from '../work/outcome.ts'
import { paintFor } from './render/colour.ts'
import type { RunEvent, RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { ListenAddress } from '../daemon/health-server.ts'
import { lastSuccessIn } from '../daemon/metrics/metrics-file.ts'
import { PullMeter } from '../daemon/metrics/pull-meter.ts'
import { metricsPage, writeMetrics } from '../daemon/metrics/write-metrics.ts'
import type { OutputArgs } from './options/output.ts'
import type { PullOptions } from '../verbs/pull/options.ts'
import type { Queueing } from './options/queueing.ts'
import type { OpenQueues, QueuesOptions } from '../app/open-queues.ts'
import type { PullQueue } from '../verbs/pull/queue/options.ts'
import { version } from '../config/own-version.ts'
import { LineWriter } from './render/line-writer.ts'
import { outcomeShape } from './render/outcome-row.ts'
import { warnOn } from './render/pull-talk.ts'
import { resultRows } from './render/result-rows.ts'
import { takenResults } from './render/taken-results.ts'
import { startTalk, type Talk } from './render/talk.ts'
import { type AccessArgs, withCrosstrail } from './access-args.ts'

export interface PullSettings {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly asked: Omit<PullOptions, 'whenWritable' | 'onSession' | 'onResult'>
  /** Whether it is a success if another pull holds the target. */
  readonly ifFree: boolean
  readonly failOnGap: boolean
  readonly metricsFile: string | undefined
  readonly everyMs: number | undefined
  /** Set if a queue announces logs. */
  readonly queueing: Queueing | undefined
  readonly listen: ListenAddress | undefined
  /** The file of the report, which is written after each pull. */
  readonly report: string | undefined
  readonly servesReport: boolean
}

export interface MeasuredPulls {
  /** One pull. `conclude` prints its end. `tells` decides which events are printed. */
  pull(
    conclude: (report: PullReport, talk: Talk) => void,
    tells?: (event: RunEvent) => boolean,
    queue?: PullQueue,
  ): Promise<PullReport>
  /** Opens the queues. Their numbers are part of the metrics page from then on. */
  openQueues(options: QueuesOptions, listener: RunListener): Promise<OpenQueues>
  /** The metrics page as of now. */
  readonly page: () => string
  /** Writes the page to the metrics file, if there is one. If that fails, prints a warning and returns false. */
  readonly writePage: () => boolean
  /** Writes the report, if one is asked for. If that fails, prints a warning and returns false. */
  readonly writeReport: () => Promise<boolean>
}

/** Opens what pulls need and closes it after `use`. Outcomes go to stdout as they come, messages to stderr, numbers to the meter. */
export function withPulls(
  settings: PullSettings,
  goesOn: boolean,
  runtime: Runtime,
  use: (pulls: MeasuredPulls) => Promise<number>,
): Promise<number> {
  const { aws, asked, metricsFile, output } = settings
  const failuresOnStdout = output.output !== 'table'
  const shown = { output, resultsOnStdout: failuresOnStdout || output.verbose, failuresOnStdout, moves: true }
  return withCrosstrail(aws, runtime, async (crosstrail) => {
    const meter = new PullMeter(metricsFile === undefined ? undefined : lastSuccessIn(metricsFile))
    const writer = new LineWriter(runtime.stdout)
    const rows = resultRows(output.output, outcomeShape, (line) => writer.write(line))
    const { stderr, env } = runtime
    // Findings are messages, like those of the pull. JSON has a line for each result besides.
    const message = (line: string) => void stderr.write(`${line}\n`)
    const result = output.output === 'json' ? (line: string) => writer.write(line) : message
    const onResult = takenResults({
      format: output.output,
      paint: paintFor(stderr, env, output.noColor),
      result,
      message,
    })
    const page = () => metricsPage(meter, version(), goesOn)
    const measured = async (listener: RunListener, queue?: PullQueue): Promise<PullReport> => {
      const startedAtMs = Date.now()
      const whenWritable = () => writer.whenWritable()
      const onSession = (account: string, expiresAtMs: number) => meter.sessionOpened(account, expiresAtMs)
      try {
        const report = await crosstrail.pull({ ...asked, queue, whenWritable, onSession, onResult }, listener)
        meter.ended(report, Date.now())
        return report
      } catch (error) {
        // If another pull holds the lock, that pull measures the target's logs
        if (!hasCode(error, 'lock.held')) meter.threw(error, startedAtMs, Date.now())
        throw error
      }
    }
    return use({
      page,
      writePage: () => writeMetrics(metricsFile, page, warnOn(runtime.stderr)),
      async writeReport() {
        const { report: file } = settings
        if (file === undefined) return true
        const { writePullReport } = await import('./pull-report.ts')
        return writePullReport(file, asked, crosstrail, warnOn(runtime.stderr))
      },
      async openQueues(options, listener) {
        const queues = await crosstrail.openQueues(options, listener)
        meter.listens(queues)
        return queues
      },
      async pull(conclude, tells = () => true, queue) {
        const talk = startTalk({ ...runtime, ...shown, progress: !goesOn })
        try {
          const report = await measured((event) => {
            meter.take(event)
            if (event.type === 'outcome' && isShown(event.outcome, output)) rows.write(event.outcome)
            if (tells(event)) talk.listener(event)
          }, queue)
          await writer.flush()
          conclude(report, talk)
          return report
        } finally {
          talk.stop()
        }
      },
    })
  })
}

/** Later pulls list the logs of earlier ones again, within the look-back. These are results only with `--verbose`. */
function isShown(outcome: Outcome, { output, verbose }: OutputArgs): boolean {
  if (output === 'table') return verbose && outcome.status === 'done'
  return verbose || outcome.status !== 'skipped' || outcome.reason !== 'covered'
}
