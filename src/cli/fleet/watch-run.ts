import { AccountSums } from '../../fleet/account-sums.ts'
import type { FleetRequest } from '../../fleet/format.ts'
import type { Fleet } from '../../fleet/queue/fleet.ts'
import type { BadSlice, FleetReport } from '../../fleet/queue/report.ts'
import { RunJournal } from '../../fleet/run-journal.ts'
import type { Runtime } from '../command.ts'
import type { OutputArgs } from '../options/output.ts'
import { paintFor } from '../render/colour.ts'
import { escapeText } from '../render/escape.ts'
import { fleetReportLines, sliceLine, sliceShape, unrunLine } from '../render/fleet-lines.ts'
import { FleetProgress } from '../render/fleet-progress.ts'
import { LineWriter } from '../render/line-writer.ts'
import { resultRows } from '../render/result-rows.ts'
import { progressView } from '../render/talk.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { fleetCommand } from './fleet-command.ts'
import { noteLine } from './open-queue.ts'

export interface WatchedRun {
  readonly fleet: Fleet
  readonly runId: string
  readonly request: FleetRequest
  readonly output: OutputArgs
  readonly journalDir: string | undefined
  /** Ends the watching before the run ends. */
  readonly signal: AbortSignal
}

/** Shows what the workers do until the run ends, and writes a journal of it. A run that changes nothing has no journal. */
export async function watchRun(watched: WatchedRun, runtime: Runtime): Promise<FleetReport> {
  const { fleet, runId, request, output, journalDir, signal } = watched
  const { stdout, stderr, env, speaker, nowMs } = runtime
  const { output: format, noColor, quiet } = output
  const isDry = request.options['dryRun'] === true
  const journal = isDry ? undefined : new RunJournal({ runId, request, journalDir, env, nowMs })
  const writer = new LineWriter(stdout)
  const rows = format === 'table' ? undefined : resultRows(format, sliceShape, (line) => writer.write(line))
  const paint = paintFor(stderr, env, noColor)
  const accounts = new AccountSums()
  const progress = new FleetProgress(() => performance.now())
  const view = progressView({ stdout, stderr, env, output, resultsOnStdout: format !== 'table' }, progress)
  const takeBack = speaker.lendTo(view)
  const tellSlice = (ended: BadSlice) => {
    const { slice, end } = ended
    journal?.add(ended)
    accounts.add(ended)
    rows?.write({ runId, ...ended })
    // Only JSON has other lines among its results.
    const messages = format === 'json' ? 'json' : 'table'
    const lines = [
      unrunLine(ended, messages, paint),
      ...end.lines.map((line) => sliceLine(slice, line, messages, paint)),
    ]
    for (const line of lines) {
      if (line === undefined) continue
      if (format === 'json') writer.write(line)
      else view.say(line)
    }
  }
  try {
    const report = await fleet.watch(runId, {
      signal,
      listener(event) {
        if (event.type === 'slice') return tellSlice(event)
        if (event.type === 'progress') return progress.take(event.status)
        const line = noteLine(event, output, paint)
        if (line !== undefined) view.say(line)
      },
    })
    journal?.close(report)
    rows?.finish()
    takeBack()
    view.stop()
    for (const line of fleetReportLines(report, accounts, format, terminalWidth(stdout))) writer.write(line)
    await writer.flush()
    if (quiet) return report
    if (report.state === 'cancelled') {
      stderr.write(`cancelled before the end; to continue: ${fleetCommand('retry', runId, fleet.shown)}\n`)
    }
    if (journal !== undefined) stderr.write(`journal: ${escapeText(journal.file)}\n`)
    return report
  } catch (error) {
    journal?.abandon()
    throw error
  } finally {
    takeBack()
    view.stop()
  }
}
