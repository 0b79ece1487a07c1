import { html, type Content, type Markup } from './html.ts'

/** A part of the page with a heading, to which the contents link. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Content
}

/** Each section of a partial report says that something is not covered, so that none of them can be quoted as a complete one. */
export function sectionMarkup({ id, title, body }: Section, isPartial: boolean): Markup {
  const reminder =
    isPartial &&
    id !== 'unchecked' &&
    html`<p class="reminder">
      <b>Not complete.</b> This is about what could be looked at. See
      <a href="#unchecked">what could not be checked</a>.
    </p>`
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${reminder}${body}
  </section>`
}

/** Says what it means that a part has nothing to show. */
export function emptyNote(text: Content): Markup {
  return html`<p class="empty">${text}</p>`
}
