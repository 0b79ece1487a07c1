import type { EventsReport } from '../verbs/events/report.ts'
import type { FoundRecords } from '../verbs/events/found-records.ts'
import type { RecordForm } from '../verbs/events/record-form.ts'
import type { Window } from '../trail/window.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { Output } from './streams.ts'
import { exitCodeOfReport, exitCodes } from './exit-code.ts'
import type { EventFormat } from './options/events.ts'
import { openPager } from './pager.ts'
import { paintFor } from './render/colour.ts'
import { countView } from './render/count-view.ts'
import { tableFields, tableView } from './render/event-table.ts'
import { csvView, type EventView, fieldsJsonView, recordView } from './render/event-views.ts'
import { errorText } from './render/error-text.ts'
import { instantText } from './render/instant.ts'
import { safeJson } from './render/escape.ts'
import { LineWriter } from './render/line-writer.ts'
import { formatCount } from './render/quantity.ts'
import { startTalk } from './render/talk.ts'
import { terminalWidth } from './render/terminal-width.ts'

/** How records are shown. */
export interface ShownEvents {
  readonly format: 'auto' | 'table' | 'json' | 'csv'
  readonly fields: readonly string[]
  readonly countBy: readonly string[]
  readonly limit: number | undefined
  readonly pager: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
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
  const pager = shown.pager && format !== 'csv' ? openPager(runtime) : undefined
  const stdout = pager?.stdout ?? runtime.stdout
  const signal = pager === undefined ? runtime.signal : AbortSignal.any([runtime.signal, pager.left])
  const stop = () => runtime.stop() ?? (pager?.left.aborted === true ? 'output-closed' : undefined)
  const output = {
    ...shown,
    output: shown.format === 'json' || shown.format === 'csv' ? shown.format : 'table',
  } as const
  const paint = paintFor(runtime.stderr, runtime.env, shown.noColor)
  const talk = startTalk({
    ...runtime,
    stderr: pager?.stderr ?? runtime.stderr,
    signal,
    stop,
    output,
    resultsOnStdout: true,
    failuresOnStdout: false,
    moves: false,
  })
  const writer = new LineWriter(stdout)
  const view = viewOf(shown, format, fields, writer, runtime, stdout)
  try {
    const report = await search(
      form,
      (found) => view.found(found),
      () => writer.whenWritable(),
      talk.listener,
      signal,
    )
    if (!report.interrupted && report.error === undefined) view.finish?.()
    await writer.flush()
    await pager?.close()
    talk.stop()
    const { stderr } = runtime
    if (report.error !== undefined) stderr.write(`${errorText(report.error, output.output, paint)}\n`)
    if (stop() !== 'output-closed' && !shown.quiet)
      stderr.write(`${countsText(report, shown, output.output).join('\n')}\n`)
    const code = exitCodeOfReport(report, stop())
    return code === exitCodes.ok && report.counts.unreadable > 0 ? exitCodes.failures : code
  } finally {
    await pager?.close()
    talk.stop()
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

/** What was read, and what became of it. The numbers add up: matched = shown + duplicates + those beyond the limit. */
function countsText(report: EventsReport, { countBy }: ShownEvents, format: 'table' | 'json' | 'csv'): string[] {
  const { counts, delivered, limited, comparedAll, total } = report
  if (format === 'json') {
    const { fromMs, toMs } = delivered
    const window = { from: fromMs && instantText(fromMs), until: toMs && instantText(toMs) }
    return [safeJson({ counts: { ...counts, failedLogs: total.failed }, delivered: window, limited, comparedAll })]
  }
  const read = `read ${formatCount(counts.records)} records in ${formatCount(counts.logs)} logs${deliveredText(delivered)}`
  const lines = [
    `${read}: ${formatCount(counts.matched)} matched, ${formatCount(counts.duplicates)} of them duplicates; ${formatCount(counts.handedOut)} ${countBy.length > 0 ? 'counted' : 'shown'}`,
  ]
  if (limited) lines.push('stopped at --limit: there may be more')
  if (counts.unreadable > 0) lines.push(`${formatCount(counts.unreadable)} records could not be read`)
  if (total.failed > 0) lines.push(`${formatCount(total.failed)} logs could not be read`)
  if (total.skipped.archived > 0)
    lines.push(`${formatCount(total.skipped.archived)} logs are archived and were not read`)
  if (!comparedAll) lines.push('there were too many records to compare all of them: some duplicates may be shown')
  if (report.interrupted) lines.push('interrupted: not all logs were read')
  return lines
}

function deliveredText({ fromMs, toMs }: Window): string {
  if (fromMs === undefined && toMs === undefined) return ''
  const from = fromMs === undefined ? '' : ` from ${instantText(fromMs)}`
  const until = toMs === undefined ? '' : ` until ${instantText(toMs)}`
  return ` delivered${from}${until}`
}
