import { html, type Markup } from './html.ts'

/** A bar beside the number that it shows. The number says it all to a screen reader. */
export function bar(value: number, most: number): Markup {
  const percent = most === 0 ? 0 : (value / most) * 100
  // A value above zero is always visible.
  const width = value === 0 ? 0 : Math.max(percent, 0.5)
  return html`<svg class="bar" aria-hidden="true" width="100%" height="10">
    <rect class="track" width="100%" height="10" />
    <rect class="fill" width="${width.toFixed(1)}%" height="10" />
  </svg>`
}
