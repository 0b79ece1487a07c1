import { formatInstant } from '../../trail/time.ts'
import type { StreamStatus } from '../../verbs/pull/report.ts'
import type { OutputFormat } from '../options/output.ts'
import { formatBytes, formatCount } from './quantity.ts'
import { recordLines, type RecordTable } from './record-table.ts'

const fields: RecordTable<StreamStatus>['fields'] = {
  logAccount: (stream) => stream.logAccount,
  region: (stream) => stream.region,
  kind: (stream) => stream.kind,
  through: (stream) => instant(stream.throughMs),
  newestDelivered: (stream) => instant(stream.newestDeliveredAtMs),
  lagSeconds: ({ lagMs }) => (lagMs === undefined ? undefined : Math.round(lagMs / 1000)),
  lastNew: (stream) => instant(stream.lastNewMs),
  objects: (stream) => stream.objects,
  bytes: (stream) => stream.bytes,
  gaps: (stream) => stream.gaps,
  lastListed: (stream) => instant(stream.lastListedMs),
  verifiedUntil: (stream) => instant(stream.verifiedUntilMs),
}

/**
 * The lines of `pull status`: one for each log account, region and kind. `nowMs` and `width` are for the table.
 */
export function pullStatusLines(
  streams: readonly StreamStatus[],
  format: OutputFormat,
  nowMs: number,
  width?: number,
): string[] {
  const columns: RecordTable<StreamStatus>['columns'] = [
    { title: 'LOG ACCOUNT', cell: ({ logAccount }) => logAccount },
    { title: 'REGION', cell: ({ region }) => region },
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'NEWEST LOG', cell: ({ newestDeliveredAtMs }) => instant(newestDeliveredAtMs) },
    { title: 'AGE', align: 'right', cell: ({ lagMs }) => (lagMs === undefined ? undefined : formatSpan(lagMs)) },
    {
      title: 'LISTED',
      align: 'right',
      cell: ({ lastListedMs: atMs }) =>
        atMs === undefined ? undefined : `${formatSpan(Math.max(0, nowMs - atMs))} ago`,
    },
    { title: 'OBJECTS', align: 'right', cell: ({ objects }) => formatCount(objects) },
    { title: 'BYTES', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
    { title: 'GAPS', align: 'right', cell: ({ gaps }) => formatCount(gaps) },
    ...(streams.some(({ verifiedUntilMs }) => verifiedUntilMs !== undefined) ? [verifiedColumn] : []),
  ]
  return recordLines({ fields, columns }, streams, format, width)
}

/** Only targets of `pull --verify` have it. */
const verifiedColumn: RecordTable<StreamStatus>['columns'][number] = {
  title: 'VERIFIED UNTIL',
  cell: ({ verifiedUntilMs }) => instant(verifiedUntilMs),
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

function instant(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : formatInstant(timeMs)
}
