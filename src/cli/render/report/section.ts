import { html, type Content, type Markup } from './html.ts'

/** A part of the page with a heading, to which the contents link. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Content
}

export function sectionMarkup({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section> `
}

/** Says what it means that a part has nothing to show. */
export function emptyNote(text: Content): Markup {
  return html`<p class="empty">${text}</p> `
}
