import type { CellState, ReportFigures } from '../../../verbs/report/figures.ts'
import { formatCount } from '../quantity.ts'
import { html, type Content, type Markup } from './html.ts'
import { counted, listedFirst, shareText } from './words.ts'

/** The result in words. It is the first thing on the page, and a partial report never looks like a complete one. */
export function verdictBanner(figures: ReportFigures): Markup {
  const { verdict } = figures
  return html`<section id="verdict" class="verdict ${verdict}" aria-labelledby="verdict-title">
      <svg class="sign" aria-hidden="true" viewBox="0 0 24 24" width="28" height="28">${signs[verdict]}</svg>
      <div>
        <h2 id="verdict-title">${headline(figures)}</h2>
        ${reasons(figures)}
      </div>
    </section>
    ${stateTiles(figures)}`
}

/** The verdict as the title of a browser tab has it. */
export const verdictWords = {
  complete: 'complete',
  findings: 'findings',
  partial: 'NOT COMPLETE',
} satisfies Record<ReportFigures['verdict'], string>

const signs = {
  complete: html`<circle cx="12" cy="12" r="10" /><path d="M7 12.5l3.5 3.5 6.5-7.5" />`,
  findings: html`<path d="M12 2.5L22.5 21h-21z" /><path d="M12 9v6m0 2v1.5" />`,
  partial: html`<circle cx="12" cy="12" r="10" stroke-dasharray="4.5 3.35" /><path d="M8 8l8 8m0-8l-8 8" />`,
} satisfies Record<ReportFigures['verdict'], Markup>

/** The verdict in one sentence. */
export function headline(figures: ReportFigures): string {
  switch (figures.verdict) {
    case 'complete':
      return figures.scope.integrity === 'none'
        ? 'Nothing is wrong in what was looked at, but nothing was proven'
        : 'Complete: everything was looked at, and there are no findings'
    case 'findings':
      return `${counted(findingCount(figures), 'finding')}: everything was looked at, and something is wrong`
    case 'partial':
      return 'Not complete: this report does not cover everything that was asked'
  }
}

export function findingCount({ findingCounts }: ReportFigures): number {
  return Object.values(findingCounts).reduce((sum, count) => sum + count, 0)
}

function reasons(figures: ReportFigures): Content {
  const { verdict, interrupted, unchecked, scope, map } = figures
  const sentences: string[] = []
  if (verdict === 'partial') {
    if (interrupted) sentences.push('The run was interrupted before it had looked at everything.')
    if (unchecked.length > 0) sentences.push(`${uncheckedWords(figures)} could not be looked at.`)
    if (!interrupted && unchecked.length === 0) sentences.push('Something could not be looked at.')
    const findings = findingCount(figures)
    sentences.push(
      findings === 0
        ? 'There are no findings in the rest. This does not mean that nothing is wrong.'
        : `The rest has ${counted(findings, 'finding')}. There may be more in what could not be looked at.`,
    )
  }
  if (map.rows.length === 0) sentences.push('No log and no digest was found in the window.')
  sentences.push(integrityWords[scope.integrity])
  return html`<p>${sentences.join(' ')}</p> `
}

function uncheckedWords({ unchecked, scope }: ReportFigures): string {
  const names = [...new Set(unchecked.map(({ account }) => account))]
  const what = scope.source.type === 'folders' ? counted(names.length, 'folder') : counted(names.length, 'account')
  return `${what} (${listedFirst(names, 10)})`
}

export const integrityWords = {
  logs: 'Digests were checked, and every log was compared with the hash in its digest.',
  digests:
    'Digests were checked. The logs were not read, so this report cannot show whether a log was changed; --verify compares their hashes.',
  none: 'There were no public keys, so digests were not checked: nothing proves that the logs are complete and unchanged.',
} satisfies Record<ReportFigures['scope']['integrity'], string>

interface Tile {
  readonly title: string
  readonly states: readonly CellState[]
  readonly meaning: string
  /** How a number above zero is shown. */
  readonly tone: 'good' | 'bad' | 'warn' | 'calm'
}

const tiles: readonly Tile[] = [
  { title: 'Complete', states: ['verified', 'delivered', 'quiet'], meaning: 'proven by digests', tone: 'good' },
  { title: 'Missing', states: ['missing'], meaning: 'logs or digests are missing or changed', tone: 'bad' },
  {
    title: 'Not proven',
    states: ['unverified', 'silent', 'no-digests'],
    meaning: 'unverified, silent, or without digests',
    tone: 'warn',
  },
  { title: 'Late', states: ['late'], meaning: 'logs are there, but came late', tone: 'warn' },
  { title: 'Pending', states: ['pending'], meaning: 'digests are not due yet', tone: 'calm' },
]

function stateTiles({ map: { counts, step, rows } }: ReportFigures): Content {
  if (rows.length === 0) return undefined
  const sum = (states: readonly CellState[]) => states.reduce((total, state) => total + counts[state], 0)
  const all = tiles.reduce((total, { states }) => total + sum(states), 0)
  const items = tiles.map(({ title, states, meaning, tone }) => {
    const count = sum(states)
    return html`<div class="${count === 0 ? 'zero' : tone}">
      <dt>${title}</dt>
      <dd>
        <b>${formatCount(count)}</b> ${count === 1 ? step : `${step}s`}, ${shareText(count, all)}<br /><span
          >${meaning}</span
        >
      </dd>
    </div> `
  })
  return html`<dl class="tiles">${items}</dl>
    <p class="note">One ${step} of one log account and region counts as one. There are ${formatCount(all)}.</p> `
}
