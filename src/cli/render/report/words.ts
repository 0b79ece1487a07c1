import { formatCount } from '../quantity.ts'
import { html, type Content, type Markup } from './html.ts'

/** A number and its noun: `1 log`, `1,234 logs`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`
}

/** Texts as a sentence has them: `a, b and c`. */
export function listed(texts: readonly string[]): string {
  const last = texts.at(-1) ?? ''
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`
}

/** The first texts, and how many more there are. */
export function listedFirst(texts: readonly string[], most: number): string {
  if (texts.length <= most) return listed(texts)
  return listed([...texts.slice(0, most), `${formatCount(texts.length - most)} more`])
}

/** An instant: `2026-11-01 12:30 UTC`. Seconds are shown only if there are any. */
export function instantIn(instant: string): Markup {
  return html`<time datetime="${instant}">${shortInstant(instant)} UTC</time>`
}

/** The same for a table whose column says that it is UTC. */
export function instantCell(instant: string | undefined): Content {
  return instant === undefined ? '–' : html`<time datetime="${instant}">${shortInstant(instant)}</time>`
}

function shortInstant(instant: string): string {
  return instant
    .replace('T', ' ')
    .replace(/(?:\.\d+)?Z$/, '')
    .replace(/^(.* \d\d:\d\d):00$/, '$1')
}

/** A time span: `48 s`, `4 min 20 s`, `3 h 5 min`, `2 days 4 h`. */
export function spanText(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return twoUnits(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.round(whole / 60)
  if (minutes < 48 * 60) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(whole / 3600)
  return twoUnits(Math.floor(hours / 24), 'days', hours % 24, 'h')
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** A share in percent that never rounds to 0 or 100 unless it is. */
export function shareText(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0%'
  if (part === whole) return '100%'
  const percent = (part / whole) * 100
  if (percent < 0.1) return '<0.1%'
  if (percent > 99.9) return '>99.9%'
  return `${percent.toFixed(1)}%`
}

/** A text of a message. What is between backticks, such as a command, is shown as code. */
export function prose(text: string): Content {
  return text.split(/`([^`]*)`/).map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`))
}
