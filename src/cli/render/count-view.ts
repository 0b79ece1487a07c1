import { CrosstrailError } from '../../error.ts'
import type { FieldValue } from '../../verbs/events/record-form.ts'
import type { FoundRecords } from '../../verbs/events/found-records.ts'
import type { EventFormat } from '../options/events.ts'
import { neutralCsvLine } from './csv.ts'
import { escapeText, safeJson } from './escape.ts'
import type { EventView } from './event-views.ts'
import type { LineWriter } from './line-writer.ts'
import { formatCount } from './quantity.ts'
import { textTable } from './text-table.ts'

/** More groups than anybody reads. The limit keeps them within memory. */
const mostGroups = 1_000_000
const longestBar = 24

export interface CountViewOptions {
  readonly fields: readonly string[]
  readonly format: EventFormat
  /** How many groups are shown. Undefined: all. */
  readonly limit: number | undefined
  /** The width of the terminal. */
  readonly width: number | undefined
}

interface Group {
  readonly values: readonly FieldValue[]
  count: number
}

/** Counts records by the values of some fields, and shows the most frequent values first. Throws `usage.too-many-groups`. */
export function countView({ fields, format, limit, width }: CountViewOptions, writer: LineWriter): EventView {
  const groups = new Map<string, Group>()
  return {
    found({ values = [] }: FoundRecords) {
      for (const row of values) {
        const key = JSON.stringify(row)
        const group = groups.get(key)
        if (group !== undefined) {
          group.count++
          continue
        }
        if (groups.size === mostGroups) throw tooManyGroups(fields)
        groups.set(key, { values: row, count: 1 })
      }
    },
    finish() {
      const sorted = [...groups].sort(([a, { count: x }], [b, { count: y }]) => y - x || (a < b ? -1 : 1))
      const top = sorted.slice(0, limit).map(([, group]) => group)
      for (const line of linesOfGroups(top, fields, format, width)) writer.write(line)
    },
  }
}

function linesOfGroups(
  groups: readonly Group[],
  fields: readonly string[],
  format: EventFormat,
  width: number | undefined,
): string[] {
  switch (format) {
    case 'json':
      return groups.map(({ values, count }) => {
        const named = fields.map((field, at) => [field, values[at] ?? null])
        return safeJson({ count, ...Object.fromEntries(named) })
      })
    case 'csv':
      return [['count', ...fields], ...groups.map(({ values, count }) => [count, ...values])].map(neutralCsvLine)
    case 'table':
      return barTable(groups, fields, width)
  }
}

function barTable(groups: readonly Group[], fields: readonly string[], width: number | undefined): string[] {
  const [first] = groups
  if (first === undefined) return []
  const longest = width === undefined ? longestBar : Math.min(longestBar, Math.floor(width / 4))
  const columns = [
    { title: 'COUNT', align: 'right' },
    { title: '' },
    ...fields.map((field) => ({ title: escapeText(field) })),
  ] as const
  const rows = groups.map(({ values, count }) => [
    formatCount(count),
    '█'.repeat(Math.max(1, Math.round((count / first.count) * longest))),
    ...values.map((value) => String(value ?? '-')),
  ])
  return textTable(columns, rows, width)
}

function tooManyGroups(fields: readonly string[]): CrosstrailError {
  return new CrosstrailError(
    'usage.too-many-groups',
    `--count-by ${fields.join(',')} has more than ${formatCount(mostGroups)} different values`,
    { hint: 'count by a field that has fewer values, or select fewer records with filters' },
  )
}
