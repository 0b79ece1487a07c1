import { formatInstant } from '../../trail/time.ts'
import type { StreamStatus } from '../../verbs/pull/report.ts'
import type { OutputFormat } from '../options/output.ts'
import { csvLine } from './csv.ts'
import { safeJson } from './escape.ts'
import { formatBytes, formatCount } from './quantity.ts'
import { type Column, textTable } from './text-table.ts'

const fields = [
  'logAccount',
  'region',
  'kind',
  'through',
  'newestDelivered',
  'lagSeconds',
  'lastNew',
  'objects',
  'bytes',
  'gaps',
  'lastListed',
] as const

const columns: readonly Column[] = [
  { title: 'LOG ACCOUNT' },
  { title: 'REGION' },
  { title: 'KIND' },
  { title: 'NEWEST LOG' },
  { title: 'AGE', align: 'right' },
  { title: 'LISTED', align: 'right' },
  { title: 'OBJECTS', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'GAPS', align: 'right' },
]

/**
 * The lines of `pull status`: one for each log account, region and kind. The fields of JSON and CSV are stable. `nowMs` and `width` are for
 * the table.
 */
export function pullStatusLines(
  streams: readonly StreamStatus[],
  format: OutputFormat,
  nowMs: number,
  width?: number,
): string[] {
  switch (format) {
    case 'json':
      return streams.map((stream) => safeJson(streamRecord(stream)))
    case 'csv':
      return [csvLine(fields), ...streams.map(csvValues)]
    case 'table':
      return textTable(
        columns,
        streams.map((stream) => tableCells(stream, nowMs)),
        width,
      )
  }
}

/** A time span to its largest two units: `45s`, `4m`, `3h20m`, `2d4h`. */
export function formatSpan(spanMs: number): string {
  const minutes = Math.floor(spanMs / 60_000)
  if (minutes < 1) return `${Math.max(0, Math.floor(spanMs / 1000))}s`
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)]
  if (hours < 1) return `${minutes}m`
  return days < 1 ? pair(hours, 'h', minutes % 60, 'm') : pair(days, 'd', hours % 24, 'h')
}

function pair(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`
}

function streamRecord(stream: StreamStatus): Record<(typeof fields)[number], string | number | undefined> {
  const { logAccount, region, kind, objects, bytes, gaps, lagMs } = stream
  return {
    logAccount,
    region,
    kind,
    through: instant(stream.throughMs),
    newestDelivered: instant(stream.newestDeliveredAtMs),
    lagSeconds: lagMs === undefined ? undefined : Math.round(lagMs / 1000),
    lastNew: instant(stream.lastNewMs),
    objects,
    bytes,
    gaps,
    lastListed: instant(stream.lastListedMs),
  }
}

function csvValues(stream: StreamStatus): string {
  const record = streamRecord(stream)
  return csvLine(fields.map((field) => record[field]))
}

function tableCells(stream: StreamStatus, nowMs: number): string[] {
  const { logAccount, region, kind, newestDeliveredAtMs, lagMs, lastListedMs, objects, bytes, gaps } = stream
  return [
    logAccount,
    region,
    kind,
    instant(newestDeliveredAtMs) ?? '-',
    lagMs === undefined ? '-' : formatSpan(lagMs),
    lastListedMs === undefined ? '-' : `${formatSpan(Math.max(0, nowMs - lastListedMs))} ago`,
    formatCount(objects),
    formatBytes(bytes),
    formatCount(gaps),
  ]
}

function instant(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : formatInstant(timeMs)
}
