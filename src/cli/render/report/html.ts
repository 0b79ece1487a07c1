import { createHash } from 'node:crypto'
import { escapeText } from '../escape.ts'

/** Text that a browser may read as markup. Only this file makes it, so no other text can become markup by mistake. */
class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type { Markup }

/** What a template takes. Texts and numbers are escaped, markup is not, and `undefined` and `false` are nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[]

/** A template of markup. Attributes must be quoted, because values are escaped for text and for quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const between = withoutIndents(parts)
  let text = between[0] ?? ''
  for (let at = 0; at < values.length; at++) text += markupOf(values[at]) + (between[at + 1] ?? '')
  return new Markup(text)
}

const unindented = new WeakMap<TemplateStringsArray, readonly string[]>()

/** The indents of the source would be a tenth of the page. */
function withoutIndents(parts: TemplateStringsArray): readonly string[] {
  const known = unindented.get(parts)
  if (known !== undefined) return known
  const texts = parts.map((part) => part.replaceAll(/\n\s*/g, '\n'))
  unindented.set(parts, texts)
  return texts
}

/** Contents with a text between them. */
export function joined(contents: readonly Content[], separator: string): Content {
  return contents.map((content, at) => (at === 0 ? content : [separator, content]))
}

/** A style block, and the source that a Content-Security-Policy allows it with. The CSS must be our own. */
export function styleBlock(css: string): { readonly block: Markup; readonly source: Markup } {
  const hash = createHash('sha256').update(css).digest('base64')
  return { block: new Markup(`<style>${css}</style>`), source: new Markup(`'sha256-${hash}'`) }
}

function markupOf(content: Content): string {
  if (content === undefined || content === false) return ''
  if (typeof content === 'number') return String(content)
  if (typeof content === 'string') return escapeMarkup(content)
  if (content instanceof Markup) return content.text
  let text = ''
  for (const one of content) text += markupOf(one)
  return text
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Nearly every text is printable ASCII without a character of markup. */
const harmless = /^[ !#-%(-;=?-~]*$/

function escapeMarkup(text: string): string {
  if (harmless.test(text)) return text
  return escapeText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
