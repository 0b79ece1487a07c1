import type { AccountSums } from '../../fleet/account-sums.ts'
import type { FleetSlice } from '../../fleet/format.ts'
import type { BadSlice, FleetReport } from '../../fleet/queue/report.ts'
import { formatInstant } from '../../trail/time.ts'
import type { Paint } from './colour.ts'
import { escapeText, safeJson } from './escape.ts'
import { mergedLine, sumOf, tallyColumns, tallyRow } from './merge-lines.ts'
import { formatCount, formatSeconds } from './quantity.ts'
import type { RowShape } from './result-rows.ts'
import type { OutputFormat } from '../options/output.ts'
import { textTable } from './text-table.ts'

/** JSON and CSV have a line for each slice. The table has a row for each account. */
export const sliceShape: RowShape<BadSlice & { readonly runId: string }> = {
  fields: [
    'type',
    'run',
    'slice',
    'account',
    'logAccount',
    'region',
    'kind',
    'from',
    'until',
    'worker',
    'done',
    'doneBytes',
    'skipped',
    'failed',
    'findings',
    'seconds',
  ],
  record({ runId, slice, end: { worker, tally, findings, seconds } }) {
    return {
      type: 'slice',
      run: runId,
      slice: slice.id,
      ...placeRecord(slice),
      worker,
      done: tally.done,
      doneBytes: tally.doneBytes,
      skipped: sumOf(tally.skipped),
      failed: tally.failed,
      findings: sumOf(findings),
      seconds,
    }
  },
  columns: [],
  cells: () => [],
}

/** A failure or finding of a slice: its JSON, or a sentence. CSV has only slices. */
export function sliceLine(
  slice: FleetSlice,
  line: Readonly<Record<string, unknown>>,
  format: OutputFormat,
  paint: Paint,
): string | undefined {
  return mergedLine(format === 'json' ? { slice: slice.id, ...line } : line, format, paint)
}

/** A slice that could not be run, after all attempts; undefined for any other. */
export function unrunLine({ slice, end }: BadSlice, format: OutputFormat, paint: Paint): string | undefined {
  if (end.error === undefined) return undefined
  const { code, message } = end.error
  if (format === 'json')
    return safeJson({ type: 'slice-failed', slice: slice.id, ...placeRecord(slice), code, message })
  return `${paint('red', 'failed:')} ${escapeText(sliceText(slice))}: ${escapeText(message)} (${escapeText(code)})`
}

/** `222222222222 us-east-1 events of B, 2025-01-01T00:00:00Z to 2025-01-08T00:00:00Z`. */
export function sliceText({ place, logAccount, region, kind, fromMs, toMs }: FleetSlice): string {
  const what = [logAccount, region ?? 'all regions', kind ?? 'all kinds'].join(' ')
  return `${what} of ${place.account}, ${formatInstant(fromMs)} to ${formatInstant(toMs)}`
}

/** The sum of a run, as the last lines of its output. CSV has none. */
export function fleetReportLines(
  report: FleetReport,
  accounts: AccountSums,
  format: OutputFormat,
  width?: number,
): string[] {
  const { runId, request, state, slices, ended, bad, total, findings, stopped, omittedLines, workers, seconds } = report
  if (format === 'csv') return []
  if (format === 'json') {
    const counts = { slices, ended, bad, ...total, findings, stopped, omittedLines, workers: workers.length, seconds }
    return [safeJson({ type: 'total', run: runId, verb: request.verb, state, ...counts })]
  }
  const rows = [...accounts.sums()].map(([account, sum]) =>
    tallyRow(account, stopped[account] === undefined ? state : 'stopped', sum.tally, sum.findings),
  )
  const all = tallyRow('total', totalState(report), total, findings)
  const lines = textTable([{ title: 'ACCOUNT' }, ...tallyColumns], [...rows, all], width)
  for (const [code, count] of Object.entries(findings)) lines.push(`  ${formatCount(count)} ${escapeText(code)}`)
  for (const [account, code] of Object.entries(stopped)) {
    const who = account === '*' ? 'slices' : `account ${escapeText(account)}`
    lines.push(`${who} stopped by ${escapeText(code)}`)
  }
  if (omittedLines > 0) {
    lines.push(`${formatCount(omittedLines)} failures and findings are only in the journals of the workers`)
  }
  const by = `${formatCount(workers.length)} ${workers.length === 1 ? 'worker' : 'workers'}`
  lines.push(`${formatCount(ended)} of ${formatCount(slices)} slices in ${formatSeconds(seconds)} by ${by}`)
  return lines
}

function totalState({ state, slices, ended, bad }: FleetReport): string {
  if (state !== 'finished') return state
  if (bad > 0) return `${formatCount(bad)} ${bad === 1 ? 'slice' : 'slices'} with failures`
  return ended === slices ? 'finished' : 'unfinished'
}

function placeRecord({ place, logAccount, region, kind, fromMs, toMs }: FleetSlice) {
  const [from, until] = [formatInstant(fromMs), formatInstant(toMs)]
  return { account: place.account, logAccount, region, kind, from, until }
}
