import { hasCode } from '../error.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import type { Outcome } from '../work/outcome.ts'
import type { RunEvent } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { ListenAddress } from '../daemon/health-server.ts'
import type { PullMeter } from '../daemon/metrics/pull-meter.ts'
import type { OutputArgs } from './options/output.ts'
import type { PullOptions } from '../verbs/pull/options.ts'
import { LineWriter } from './render/line-writer.ts'
import { outcomeShape } from './render/outcome-row.ts'
import { resultRows } from './render/result-rows.ts'
import { startTalk, type Talk } from './render/talk.ts'
import type { AccessArgs } from './access-args.ts'
import type { Crosstrail } from '../app/crosstrail.ts'

export interface PullSettings {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly asked: Omit<PullOptions, 'whenWritable' | 'onSession'>
  /** Another pull at the target is no failure. */
  readonly ifFree: boolean
  readonly failOnGap: boolean
  readonly metricsFile: string | undefined
  readonly everyMs: number | undefined
  readonly listen: ListenAddress | undefined
}

export interface PullFrame {
  readonly crosstrail: Crosstrail
  readonly settings: PullSettings
  readonly runtime: Runtime
  readonly meter: PullMeter
  readonly results: PullResults
  /** False for one of many. */
  readonly progress: boolean
  readonly tells?: ((event: RunEvent) => boolean) | undefined
}

export interface PullResults {
  readonly writer: LineWriter
  readonly rows: ReturnType<typeof resultRows<Outcome>>
}

export function pullResults({ output }: PullSettings, runtime: Runtime): PullResults {
  const writer = new LineWriter(runtime.stdout)
  return { writer, rows: resultRows(output.output, outcomeShape, (line) => writer.write(line)) }
}

/** One pull: outcomes go to stdout as they come, talk to stderr, numbers to the meter. `conclude` ends the talk. */
export async function runPullOnce(
  frame: PullFrame,
  conclude: (report: PullReport, talk: Talk) => void,
): Promise<PullReport> {
  const { settings, runtime, results, progress } = frame
  const { output } = settings
  const failuresOnStdout = output.output !== 'table'
  const resultsOnStdout = failuresOnStdout || output.verbose
  const talk = startTalk({ ...runtime, output, resultsOnStdout, failuresOnStdout, moves: true, progress })
  try {
    const report = await measuredPull(frame, talk)
    await results.writer.flush()
    conclude(report, talk)
    return report
  } finally {
    talk.stop()
  }
}

/** A lock that is held says nothing about this target's logs: the holder measures them. */
async function measuredPull(frame: PullFrame, talk: Talk): Promise<PullReport> {
  const { crosstrail, settings, meter, results } = frame
  const startedAtMs = Date.now()
  try {
    const report = await crosstrail.pull(
      {
        ...settings.asked,
        whenWritable: () => results.writer.whenWritable(),
        onSession: (account, expiresAtMs) => meter.sessionOpened(account, expiresAtMs),
      },
      (event) => take(event, frame, talk),
    )
    meter.ended(report, Date.now())
    return report
  } catch (error) {
    if (!hasCode(error, 'lock.held')) meter.threw(error, startedAtMs, Date.now())
    throw error
  }
}

function take(event: RunEvent, { settings, meter, results, tells }: PullFrame, talk: Talk): void {
  meter.take(event)
  if (event.type === 'outcome' && isShown(event.outcome, settings.output)) results.rows.write(event.outcome)
  if (tells === undefined || tells(event)) talk.listener(event)
}

/** What an earlier pull took is listed by each later one for as long as it looks back: with `--verbose` alone it is a result. */
function isShown(outcome: Outcome, { output, verbose }: OutputArgs): boolean {
  if (output === 'table') return verbose && outcome.status === 'done'
  return verbose || outcome.status !== 'skipped' || outcome.reason !== 'covered'
}
