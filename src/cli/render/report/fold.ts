import { html, type Content, type Markup } from './html.ts'

/** Print opens what is folded, except if it has more rows than this: nobody wants hundreds of pages of them. */
const mostPrinted = 200

/** Content that a reader unfolds. `rows` says how long it is. */
export function fold(summary: Content, content: Content, rows: number): Markup {
  return html`<details${rows > mostPrinted && html` class="many"`}><summary>${summary}</summary>
${content}</details>
`
}
