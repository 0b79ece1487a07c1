import { CrosstrailError } from '../../error.ts'
import type { FieldValue } from '../../verbs/events/record-form.ts'
import type { FoundRecords } from '../../verbs/events/found-records.ts'
import type { EventFormat } from '../options/events.ts'
import { csvLine } from './csv.ts'
import { escapeText, safeJson } from './escape.ts'
import type { EventView } from './event-views.ts'
import type { LineWriter } from './line-writer.ts'
import { formatCount } from './quantity.ts'
import { textTable } from './text-table.ts'

/** More than people look at, and no more than memory holds. */
const mostGroups = 1_000_000
const barWidth = 24

export interface CountViewOptions {
  readonly fields: readonly string[]
  readonly format: EventFormat
  /** The first so many groups. */
  readonly limit: number | undefined
  readonly width: number | undefined
}

/** Counts records by the values of some fields, most first. Throws `usage.too-many-groups`. */
export function countView({ fields, format, limit, width }: CountViewOptions, writer: LineWriter): EventView {
  const groups = new Map<string, { readonly values: readonly FieldValue[]; count: number }>()
  const add = ({ values = [] }: FoundRecords) => {
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
  }
  const finish = () => {
    const sorted = [...groups].sort(([a, { count: x }], [b, { count: y }]) => y - x || (a < b ? -1 : 1))
    const top = sorted.slice(0, limit).map(([, group]) => group)
    switch (format) {
      case 'json':
        for (const { values, count } of top) {
          const named = fields.map((field, at) => [field, values[at] ?? null])
          writer.write(safeJson({ count, ...Object.fromEntries(named) }))
        }
        return
      case 'csv':
        writer.write(csvLine(['count', ...fields]))
        for (const { values, count } of top)
          writer.write(csvLine([count, ...values.map((value) => value ?? undefined)]))
        return
      case 'table': {
        const most = top[0]?.count ?? 1
        const columns = [
          { title: 'COUNT', align: 'right' },
          { title: '' },
          ...fields.map((title) => ({ title })),
        ] as const
        const rows = top.map(({ values, count }) => [
          formatCount(count),
          '█'.repeat(Math.max(1, Math.round((count / most) * barWidth))),
          ...values.map((value) => (value === undefined || value === null ? '-' : escapeText(String(value)))),
        ])
        for (const line of textTable(columns, rows, width)) writer.write(line)
      }
    }
  }
  return { found: add, finish }
}

function tooManyGroups(fields: readonly string[]): CrosstrailError {
  return new CrosstrailError(
    'usage.too-many-groups',
    `--count-by ${fields.join(',')} has more than ${formatCount(mostGroups)} different values`,
    { hint: 'count by a field with fewer values, or choose fewer records' },
  )
}
