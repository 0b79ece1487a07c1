import type { DatasetReport } from '../sinks/parquet/dataset-report.ts'
import type { ExportReport } from '../verbs/events/report.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfEvents, exitCodes } from './exit-code.ts'
import { safeJson } from './render/escape.ts'
import { eventsSummary } from './render/events-summary.ts'
import { formatBytes, formatCount } from './render/quantity.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { startTalk } from './render/talk.ts'
import type { OutputArgs } from './options/output.ts'

export type Export = (listener: RunListener) => Promise<ExportReport>

/** Writes a dataset, says on stderr what was written, and returns the exit code. */
export async function showExport(output: OutputArgs, to: string, runtime: Runtime, write: Export): Promise<number> {
  const { stderr, env, stop } = runtime
  const talk = startTalk({ ...runtime, output, resultsOnStdout: false, failuresOnStdout: false, moves: true })
  try {
    const report = await write(talk.listener)
    talk.stop()
    if (report.error !== undefined)
      stderr.write(`${errorText(report.error, output.output, paintFor(stderr, env, output.noColor))}\n`)
    const lines = [
      ...eventsSummary(report, output.output, 'passed on'),
      ...writtenLines(report.dataset, to, output.output === 'json'),
    ]
    if (!output.quiet) stderr.write(`${lines.join('\n')}\n`)
    const code = exitCodeOfEvents(report, stop())
    return report.dataset === undefined && code === exitCodes.ok ? exitCodes.failures : code
  } finally {
    talk.stop()
  }
}

function writtenLines(written: DatasetReport | undefined, to: string, asJson: boolean): string[] {
  if (asJson) return [safeJson({ to, dataset: written ?? null })]
  if (written === undefined) {
    return [`not all events were written to ${to}: run the same command again, and it writes those that are missing`]
  }
  const { files, bytes, rows, known, misfits, repaired } = written
  const there = known > 0 ? `; ${formatCount(known)} were there already` : ''
  return [
    `wrote ${formatCount(rows)} events in ${formatCount(files)} ${files === 1 ? 'file' : 'files'} (${formatBytes(bytes)}) to ${to}${there}`,
    ...(misfits > 0 ? [`${formatCount(misfits)} of them have a value that does not fit its column: see other`] : []),
    ...(repaired > 0 ? [`${formatCount(repaired)} of them have text that is not valid Unicode: it became U+FFFD`] : []),
  ]
}
