import type { EventsReport } from '../verbs/events/report.ts'
import type { FoundRecords } from '../verbs/events/found-records.ts'
import type { RecordForm } from '../verbs/events/record-form.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { Output } from './streams.ts'
import { exitCodeOfEvents } from './exit-code.ts'
import type { EventFormat, ShownFormat } from './options/events.ts'
import { paintFor } from './render/colour.ts'
import { countView } from './render/count-view.ts'
import { eventsSummary } from './render/events-summary.ts'
import { tableFields, tableView } from './render/event-table.ts'
import { csvView, type EventView, fieldsJsonView, recordView } from './render/event-views.ts'
import { LineWriter } from './render/line-writer.ts'
import { type ShownResult, startShow } from './start-show.ts'
import { terminalWidth } from './render/terminal-width.ts'

/** How records are shown. */
export interface ShownEvents extends ShownResult {
  readonly format: Exclude<ShownFormat, 'parquet'>
  readonly fields: readonly string[]
  readonly countBy: readonly string[]
  readonly limit: number | undefined
}

export type Search = (
  form: RecordForm,
  onFound: (found: FoundRecords) => void,
  whenWritable: () => Promise<void> | undefined,
  listener: RunListener,
  signal: AbortSignal,
) => Promise<EventsReport>

/** Searches, shows what is found on stdout and the counts on stderr, and answers the exit code. */
export async function showEvents(shown: ShownEvents, runtime: Runtime, search: Search): Promise<number> {
  const format = shown.format === 'auto' ? (runtime.stdout.isTTY === true ? 'table' : 'json') : shown.format
  const fields = shown.countBy.length > 0 ? shown.countBy : shown.fields
  const shownFields = fields.length > 0 || format === 'json' ? fields : tableFields
  const form: RecordForm = shownFields.length > 0 ? { type: 'fields', fields: shownFields } : { type: 'bytes' }
  const show = startShow(shown, runtime, format !== 'csv')
  const writer = new LineWriter(show.stdout)
  const view = viewOf(shown, format, fields, writer, runtime, show.stdout)
  try {
    const report = await search(
      form,
      (found) => view.found(found),
      () => writer.whenWritable(),
      show.listener,
      show.signal,
    )
    if (!report.interrupted && report.error === undefined) view.finish?.()
    await writer.flush()
    await show.close()
    show.tell(report.error, eventsSummary(report, show.messages, shown.countBy.length > 0 ? 'counted' : 'shown'))
    return exitCodeOfEvents(report, show.stop())
  } finally {
    await show.close()
  }
}

function viewOf(
  { countBy, limit, noColor }: ShownEvents,
  format: EventFormat,
  fields: readonly string[],
  writer: LineWriter,
  { env, stdout: terminal }: Runtime,
  stdout: Output,
): EventView {
  const width = terminalWidth(stdout)
  if (countBy.length > 0) return countView({ fields, format, limit, width }, writer)
  switch (format) {
    case 'json':
      return fields.length > 0 ? fieldsJsonView(fields, writer) : recordView(writer, stdout.isTTY === true)
    case 'csv':
      return csvView(fields.length > 0 ? fields : tableFields, writer)
    case 'table':
      return tableView({ fields, width }, writer, paintFor(terminal, env, noColor))
  }
}
