import { formatInstant } from '../../trail/time.ts'
import type { Summary, SummaryGroup } from '../../verbs/list/summary.ts'
import type { OutputFormat } from '../options/output.ts'
import { csvLine } from './csv.ts'
import { safeJson, safeJsonText } from './escape.ts'
import { formatBytes, formatCount } from './quantity.ts'
import { type Column, tableLines } from './text-table.ts'

const fields = ['account', 'logAccount', 'region', 'kind', 'day', 'objects', 'bytes'] as const

const columns: readonly Column[] = [
  { title: 'ACCOUNT' },
  { title: 'LOG ACCOUNT' },
  { title: 'REGION' },
  { title: 'KIND' },
  { title: 'DAY' },
  { title: 'OBJECTS', align: 'right' },
  { title: 'BYTES', align: 'right' },
]

/**
 * The lines of `list --summary`. A table ends with totals. JSON has a line per group and a last line with `total`. CSV has only the
 * groups.
 */
export function* totalsLines(summary: Summary, format: OutputFormat, width?: number): Generator<string> {
  const { groups } = summary
  switch (format) {
    case 'json':
      for (const group of groups) yield groupJson(group)
      return yield safeJson({ total: totalRecord(summary) })
    case 'csv':
      yield csvLine(fields)
      for (const group of groups) yield csvLine(fields.map((field) => group[field]))
      return
    case 'table':
      yield* tableLines(columns, { [Symbol.iterator]: () => cellsOf(groups) }, width)
      yield* totalLines(summary)
  }
}

function* cellsOf(groups: Iterable<SummaryGroup>): Generator<readonly string[]> {
  for (const group of groups) yield groupCells(group)
}

/** Written by hand for speed: a wide listing has a hundred thousand groups. */
function groupJson({ account, logAccount, region, kind, day, objects, bytes }: SummaryGroup): string {
  return `{"account":"${safeJsonText(account)}","logAccount":"${logAccount}","region":"${region}","kind":"${kind}","day":"${day}","objects":${objects},"bytes":${bytes}}`
}

function totalRecord({ total }: Summary): Readonly<Record<string, unknown>> {
  return { objects: total.objects, bytes: total.bytes, oldest: time(total.oldestMs), newest: time(total.newestMs) }
}

function groupCells(group: SummaryGroup): string[] {
  return [
    group.account,
    group.logAccount,
    group.region,
    group.kind,
    group.day,
    formatCount(group.objects),
    formatBytes(group.bytes),
  ]
}

function totalLines({ total }: Summary): string[] {
  return [
    '',
    `total   ${formatCount(total.objects)} objects, ${formatBytes(total.bytes)}`,
    `oldest  ${time(total.oldestMs) ?? '-'}`,
    `newest  ${time(total.newestMs) ?? '-'}`,
  ]
}

function time(instantMs: number | undefined): string | undefined {
  return instantMs === undefined ? undefined : formatInstant(instantMs)
}
