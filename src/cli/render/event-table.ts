import type { Paint } from './colour.ts'
import { cutToWidth, displayWidth, padToWidth } from './display-width.ts'
import { escapeText } from './escape.ts'
import type { EventView } from './event-views.ts'
import type { LineWriter } from './line-writer.ts'

interface TableColumn {
  readonly title?: string
  /** The width that the column has at least, if it is shown at all. */
  readonly least: number
  /** The width that the column has if there is enough room. */
  readonly most: number
}

/** The fields of the table if none are chosen. */
export const tableFields = [
  'time',
  'log_account',
  'log_region',
  'user',
  'eventName',
  'eventSource',
  'sourceIPAddress',
  'errorCode',
  'resource',
] as const

const knownColumns: Readonly<Record<string, TableColumn>> = {
  time: { title: 'TIME', least: 20, most: 20 },
  log_account: { title: 'ACCOUNT', least: 12, most: 12 },
  log_region: { title: 'REGION', least: 9, most: 14 },
  user: { title: 'USER', least: 10, most: 28 },
  eventName: { title: 'EVENT', least: 14, most: 28 },
  eventSource: { title: 'SOURCE', least: 8, most: 20 },
  sourceIPAddress: { title: 'ADDRESS', least: 15, most: 15 },
  errorCode: { title: 'ERROR', least: 8, most: 22 },
  resource: { title: 'RESOURCE', least: 12, most: 60 },
} satisfies Record<(typeof tableFields)[number], TableColumn>

const otherColumn: TableColumn = { least: 8, most: 30 }

/** The most important field comes first. A narrow terminal leaves out the last ones, and spare room is given to the first ones. */
const byImportance: readonly string[] = [
  'eventName',
  'time',
  'user',
  'errorCode',
  'resource',
  'sourceIPAddress',
  'log_account',
  'eventSource',
  'log_region',
]

const gap = '  '
/** A chosen field is left out only if it would get fewer columns than this. */
const narrowest = 4

export interface EventTableOptions {
  /** The fields that were chosen. Empty: the usual ones, of which a narrow terminal shows the most important. */
  readonly fields: readonly string[]
  /** The width of the terminal. Undefined: nothing is cut or left out. */
  readonly width: number | undefined
}

/** Shows records as a table whose lines are never wider than the terminal. Longer cells are cut. */
export function tableView({ fields, width }: EventTableOptions, writer: LineWriter, paint: Paint): EventView {
  const named = fields.length > 0 ? fields : tableFields
  const columns = fields.length > 0 ? chosenColumns(fields, width) : usualColumns(width)
  const line = (cellOf: (at: number) => string, style: (text: string, at: number) => string) =>
    columns
      .map(({ at, columns: room }, place) => {
        const cell = width === undefined ? cellOf(at) : cutToWidth(withoutArnHead(cellOf(at), room), room)
        return style(place === columns.length - 1 ? cell : padToWidth(cell, room), at)
      })
      .join(gap)
      .trimEnd()
  const errorAt = named.indexOf('errorCode')
  let isTitled = false
  const title = () => {
    if (isTitled) return
    isTitled = true
    const titles = named.map((field) => knownColumn(field)?.title ?? escapeText(field))
    const text = line(
      (at) => titles[at] ?? '',
      (cell) => cell,
    )
    writer.write(paint('bold', text))
  }
  return {
    found({ values = [] }) {
      title()
      for (const row of values) {
        const text = line(
          (at) => cellText(named[at] ?? '', row[at]),
          (cell, at) => (at === errorAt && (row[at] ?? null) !== null ? paint('red', cell) : cell),
        )
        writer.write(text)
      }
    },
  }
}

/** The start of an ARN tells the least, so it is cut before the name of the resource is. */
function withoutArnHead(text: string, room: number): string {
  return displayWidth(text) <= room ? text : text.replace(/^arn:(?:[^:]*:){4}(?=.)/, '…')
}

function cellText(field: string, value: string | number | boolean | null | undefined): string {
  if (value === undefined || value === null) return '-'
  const text = String(value)
  return escapeText(field === 'eventSource' ? text.replace(/\.amazonaws\.com(\.cn)?$/, '') : text)
}

/** A column that is shown: its place among the fields, and how many columns of the terminal it has. */
interface ShownColumn {
  readonly at: number
  readonly columns: number
}

/** The usual fields that fit, without the least important ones. */
function usualColumns(width = Infinity): ShownColumn[] {
  const shown = new Set<string>(byImportance)
  for (const field of byImportance.toReversed()) {
    const all = [...shown].map(columnOf)
    if (shown.size === 1 || totalWidth(all.map(({ least }) => least)) <= width) break
    shown.delete(field)
  }
  return shared(
    tableFields.flatMap((field, at) => (shown.has(field) ? [{ field, at, ...columnOf(field) }] : [])),
    width,
  )
}

/** All chosen fields, if each can have the narrowest width. Otherwise the last ones are left out. */
function chosenColumns(fields: readonly string[], width = Infinity): ShownColumn[] {
  const room = Math.floor((width + gap.length) / (narrowest + gap.length))
  const shown = fields.slice(0, Math.max(1, room))
  const each = Math.floor((width + gap.length) / shown.length) - gap.length
  return shared(
    shown.map((field, at) => {
      const { least, most } = columnOf(field)
      return { field, at, least: Math.min(least, each), most }
    }),
    width,
  )
}

/** Gives each column its least width. Spare room goes to the most important columns first, and what is left then to the last column. */
function shared(
  columns: readonly (TableColumn & { readonly field: string; readonly at: number })[],
  width: number,
): ShownColumn[] {
  const widths = columns.map(({ least }) => Math.min(least, width))
  let left = width - totalWidth(widths)
  const rank = (field: string) => (byImportance.includes(field) ? byImportance.indexOf(field) : byImportance.length)
  const order = [...columns.keys()].sort((a, b) => rank(columns[a]?.field ?? '') - rank(columns[b]?.field ?? ''))
  for (const index of order) {
    const more = Math.max(0, Math.min((columns[index]?.most ?? 0) - (widths[index] ?? 0), left))
    widths[index] = (widths[index] ?? 0) + more
    left -= more
  }
  const last = columns.length - 1
  return columns.map(({ at }, index) => ({ at, columns: (widths[index] ?? 0) + (index === last ? left : 0) }))
}

function knownColumn(field: string): TableColumn | undefined {
  return Object.hasOwn(knownColumns, field) ? knownColumns[field] : undefined
}

function columnOf(field: string): TableColumn {
  return knownColumn(field) ?? otherColumn
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1)
}
