import type { EventsReport } from '../../verbs/events/report.ts'
import type { Window } from '../../trail/window.ts'
import type { OutputFormat } from '../options/output.ts'
import { escapeText, safeJson } from './escape.ts'
import { instantText } from './instant.ts'
import { formatCount } from './quantity.ts'

/** What was done with the records that were found. */
export type Use = 'shown' | 'counted' | 'queried' | 'passed on'

/** What was read, and what became of it. The numbers add up: matched = shown + duplicates + those beyond the limit. */
export function eventsSummary(report: EventsReport, format: OutputFormat, use: Use = 'shown'): string[] {
  const { counts, delivered, limited, comparedAll, total } = report
  if (format === 'json') {
    const { fromMs, toMs } = delivered
    const window = { from: fromMs && instantText(fromMs), until: toMs && instantText(toMs) }
    return [safeJson({ counts: { ...counts, failedLogs: total.failed }, delivered: window, limited, comparedAll })]
  }
  const read = `read ${some(counts.records, 'record')} in ${some(counts.logs, 'log')}${deliveredText(delivered)}`
  const lines = [
    `${read}: ${formatCount(counts.matched)} matched, ${formatCount(counts.duplicates)} of them duplicates; ${formatCount(counts.handedOut)} ${use}`,
  ]
  if (limited) lines.push('stopped at --limit: there may be more')
  if (counts.unreadable > 0) lines.push(`${some(counts.unreadable, 'record')} could not be read`)
  if (total.failed > 0) lines.push(`${some(total.failed, 'log')} could not be read`)
  if (total.skipped.archived > 0)
    lines.push(`${some(total.skipped.archived, 'archived log')} could not be read: restore first`)
  if (!comparedAll) lines.push('there were too many records to compare all of them: some duplicates may be shown')
  if (report.interrupted) lines.push('interrupted: not all logs were read')
  if (report.journalFile !== undefined) lines.push(`journal: ${escapeText(report.journalFile)}`)
  return lines
}

function deliveredText({ fromMs, toMs }: Window): string {
  if (fromMs === undefined && toMs === undefined) return ''
  const from = fromMs === undefined ? '' : ` from ${instantText(fromMs)}`
  const until = toMs === undefined ? '' : ` until ${instantText(toMs)}`
  return ` delivered${from}${until}`
}

function some(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
}
