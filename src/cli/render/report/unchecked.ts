import type { ReportFigures, Unchecked } from '../../../verbs/report/figures.ts'
import { html, type Markup } from './html.ts'
import type { Section } from './section.ts'
import { prose } from './words.ts'

/** What could not be looked at, and why. No section if everything was. */
export function uncheckedSection({ unchecked, interrupted, verdict }: ReportFigures): Section | undefined {
  if (verdict !== 'partial') return undefined
  return {
    id: 'unchecked',
    title: 'What could not be checked',
    body: [
      html`<p>This report says nothing about the following. A log that is missing there is not among the findings.</p>`,
      html`<ul class="cards">
        ${interrupted && interruptedCard}${unchecked.map(card)}${!interrupted && unchecked.length === 0 && unknownCard}
      </ul>`,
    ],
  }
}

const interruptedCard = html`<li class="card gap">
  <h3>The run was interrupted</h3>
  <p>It had not looked at everything when it ended.</p>
  <p class="advice">Run the same command again, and let it finish.</p>
</li>`

const unknownCard = html`<li class="card gap">
  <h3>The run did not look at everything</h3>
  <p>The findings and the output of the command say more.</p>
</li>`

function card({ account, code, message, hint }: Unchecked): Markup {
  return html`<li class="card gap">
    <h3>${account} <code class="code">${code}</code></h3>
    <p>${prose(message)}</p>
    ${hint !== undefined && html`<p class="advice">${prose(hint)}</p>`}
  </li>`
}
