import { formatCount } from '../quantity.ts'
import { fold } from './fold.ts'
import { html, type Content, type Markup } from './html.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => Content
  /** Numbers are aligned to the right, and never wrap. */
  readonly number?: boolean
  /** Text that may be long wraps anywhere. Other text stays on one line. */
  readonly long?: boolean
  /** The same for a key, which is longer. */
  readonly key?: boolean
  /** A bar takes the room that is left. */
  readonly bar?: boolean
}

export interface TableOf<Row> {
  readonly caption: string
  /** The first column names its row. */
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
}

/** With more rows than this, all but the first ones are folded. */
const mostOpen = 60
const openOfMany = 30

/** A table that scrolls by itself if it is wider than the page. The rows after the first ones of a long table are folded. */
export function table<Row>({ caption, columns, rows }: TableOf<Row>): Content {
  if (rows.length <= mostOpen) return oneTable({ caption, columns, rows })
  const rest = rows.slice(openOfMany)
  return [
    oneTable({ caption, columns, rows: rows.slice(0, openOfMany) }),
    fold(
      `${formatCount(rest.length)} more rows`,
      oneTable({ caption: `${caption}: further rows`, columns, rows: rest }),
      rest.length,
    ),
  ]
}

function oneTable<Row>({ caption, columns, rows }: TableOf<Row>): Markup {
  const classes = columns.map(classOf)
  const heads = columns.map(({ title }, at) => html`<th scope="col" ${classed(classes[at])}>${title}</th>`)
  const body = rows.map((row) => {
    const cells = columns.map(({ cell }, at) =>
      at === 0
        ? html`<th scope="row" ${classed(classes[at])}>${cell(row)}</th>`
        : html`<td${classed(classes[at])}>${cell(row)}</td>`,
    )
    return html`<tr>
      ${cells}
    </tr>`
  })
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`
}

/** A column of counts. A zero is dimmed, so that other numbers are easier to see. */
export function countColumn<Row>(title: string, count: (row: Row) => number): Column<Row> {
  return { title, number: true, cell: (row) => dimZero(count(row)) }
}

export function dimZero(count: number): Content {
  return count === 0 ? html`<span class="dim">0</span>` : formatCount(count)
}

function classOf<Row>({ number, long, key, bar }: Column<Row>): string {
  if (number === true) return 'n'
  if (key === true) return 'long key'
  if (long === true) return 'long'
  return bar === true ? 'bars' : ''
}

function classed(name: string | undefined): Content {
  return name !== undefined && name !== '' && html` class="${name}"`
}
