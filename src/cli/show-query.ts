import { createReadStream } from 'node:fs'
import { CrosstrailError } from '../error.ts'
import type { QueryReport } from '../verbs/events/report.ts'
import type { SqlResult } from '../verbs/events/sql/sql-result.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfEvents, exitCodes } from './exit-code.ts'
import { eventsSummary } from './render/events-summary.ts'
import { LineWriter } from './render/line-writer.ts'
import { rowView } from './render/row-view.ts'
import { terminalWidth } from './render/terminal-width.ts'
import { type ShownResult, startShow } from './start-show.ts'

export type Query = (
  onResult: (result: SqlResult) => Promise<void>,
  listener: RunListener,
  signal: AbortSignal,
) => Promise<QueryReport>

/** Runs a query, shows its result on stdout and the counts on stderr, and returns the exit code. Throws `usage.conflict`. */
export async function showQuery(shown: ShownResult, runtime: Runtime, query: Query): Promise<number> {
  const format = shown.format === 'auto' ? (runtime.stdout.isTTY === true ? 'table' : 'json') : shown.format
  if (format === 'parquet' && runtime.stdout.isTTY === true) {
    throw new CrosstrailError('usage.conflict', 'Parquet is not shown on a terminal', {
      hint: 'send stdout to a file: > result.parquet',
    })
  }
  const show = startShow(shown, runtime, format === 'table' || format === 'json')
  const writer = new LineWriter(show.stdout)
  const onResult = async (result: SqlResult) => {
    if (format === 'parquet') return sendParquet(result, writer)
    const view = rowView(
      result.columns.map(({ name }) => name),
      format,
      writer,
      terminalWidth(show.stdout),
    )
    await result.run((row) => {
      view.add(row)
      return writer.whenWritable()
    })
    view.finish()
    await writer.flush()
  }
  try {
    const report = await query(onResult, show.listener, show.signal)
    await show.close()
    const { search, answered } = report
    show.tell(search?.error, [
      ...(search === undefined ? [] : eventsSummary(search, show.messages, 'queried')),
      ...columnNotes(report),
    ])
    if (search === undefined) return exitCodes.ok
    const code = exitCodeOfEvents(search, show.stop())
    return answered || code !== exitCodes.ok || show.stop() === 'output-closed' ? code : exitCodes.failures
  } finally {
    await show.close()
  }
}

function columnNotes({ misfits, repaired }: Pick<QueryReport, 'misfits' | 'repaired'>): string[] {
  return [
    ...(misfits > 0 ? [`${misfits} records have a value that does not fit its column: it is in the column other`] : []),
    ...(repaired > 0 ? [`${repaired} records have text that is not valid Unicode: it became U+FFFD`] : []),
  ]
}

/** Sends a Parquet file to stdout once it is complete. */
async function sendParquet(result: SqlResult, writer: LineWriter): Promise<void> {
  const { file } = await result.writeParquet()
  for await (const chunk of createReadStream(file)) {
    writer.writeBytes(chunk as Buffer)
    await writer.whenWritable()
  }
  await writer.flush()
}
