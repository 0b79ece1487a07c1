import type { CellState, ReportFigures } from '../../../verbs/report/figures.ts'
import { formatCount } from '../quantity.ts'
import { html, type Content, type Markup } from './html.ts'
import { counted, instantIn, listedFirst, shareText } from './words.ts'

/** The result in words. It is the first thing on the page, and a partial report never looks like a complete one. */
export function verdictBanner(figures: ReportFigures): Markup {
  const { verdict } = figures
  return html`<section id="verdict" class="verdict ${verdict}" aria-labelledby="verdict-title">
      <svg class="sign" aria-hidden="true" viewBox="0 0 24 24" width="28" height="28">${signs[verdict]}</svg>
      <div>
        <h2 id="verdict-title">${headline(figures)}</h2>
        <p>${reasons(figures)}</p>
      </div>
    </section>
    ${stateTiles(figures)}`
}

const verdictWords = {
  complete: 'complete',
  findings: 'findings',
  partial: 'NOT COMPLETE',
} satisfies Record<ReportFigures['verdict'], string>

/** The verdict as the title of a browser tab has it. */
export function titleWords({ verdict, scope }: ReportFigures): string {
  return verdict === 'complete' && scope.integrity === 'none' ? 'no findings, nothing proven' : verdictWords[verdict]
}

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
  const { verdict, interrupted, unchecked, scope } = figures
  const integrity = integrityWords[scope.integrity]
  if (verdict !== 'partial') return [html`This report is about ${lookedAt(figures)}`, ` ${integrity}`]
  const gaps: string[] = []
  if (interrupted) gaps.push('The run was interrupted before it had looked at everything.')
  if (unchecked.length > 0) gaps.push(`${uncheckedWords(figures)} could not be looked at.`)
  if (gaps.length === 0) gaps.push('Something could not be looked at.')
  const findings = findingCount(figures)
  const found =
    findings === 0
      ? 'There are no findings in the rest. This does not mean that nothing is wrong.'
      : `There ${findings === 1 ? 'is' : 'are'} ${counted(findings, 'finding')} in the rest, and there may be more in what is not covered.`
  return [gaps.join(' '), html` The rest is ${lookedAt(figures)}`, ` ${found} ${integrity}`]
}

function lookedAt({ scope, totals }: ReportFigures): Content {
  const objects = totals.reduce((sum, total) => sum + total.objects, 0)
  const window = html`delivered from ${instantIn(scope.from)} until ${instantIn(scope.until)}`
  if (objects === 0) return html`logs ${window}. No log and no digest was found.`
  const places = `${counted(scope.logAccounts.length, 'log account')} in ${counted(scope.regions.length, 'region')}`
  return html`${counted(objects, 'object')} of ${places}, ${window}.`
}

function uncheckedWords({ unchecked, scope }: ReportFigures): string {
  const names = [...new Set(unchecked.map(({ account }) => account))]
  const what = scope.source.type === 'folders' ? counted(names.length, 'folder') : counted(names.length, 'account')
  return `${what} (${listedFirst(names, 10)})`
}

export const integrityWords = {
  logs: 'Digests were checked, and logs were compared with the hashes in their digests.',
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

/** A partial report shows no shares, because the whole is not known, and nothing in the color of success. */
function stateTiles(figures: ReportFigures): Content {
  const { counts, step, rows } = figures.map
  if (rows.length === 0) return undefined
  const isPartial = figures.verdict === 'partial'
  const sum = (states: readonly CellState[]) => states.reduce((total, state) => total + counts[state], 0)
  const all = tiles.reduce((total, { states }) => total + sum(states), 0)
  const items = tiles.map(({ title, states, meaning, tone }) => {
    const count = sum(states)
    const name = count === 0 ? 'zero' : isPartial && tone === 'good' ? 'calm' : tone
    const share = isPartial ? '' : `, ${shareText(count, all)}`
    return html`<div class="${name}">
      <dt>${title}</dt>
      <dd><b>${formatCount(count)}</b> ${count === 1 ? step : `${step}s`}${share}<br /><span>${meaning}</span></dd>
    </div>`
  })
  return html`<dl class="tiles">${isPartial && gapTile(figures)}${items}</dl>
    <p class="note">
      One ${step} of one log account and region counts as one. There are
      ${formatCount(all)}${isPartial && ' in what was looked at'}.
    </p>`
}

function gapTile({ unchecked, interrupted, scope }: ReportFigures): Markup {
  const names = new Set(unchecked.map(({ account }) => account)).size
  const noun = scope.source.type === 'folders' ? 'folder' : 'account'
  const amount =
    names === 0 ? html`<b>unknown</b>` : html`<b>${formatCount(names)}</b> ${names === 1 ? noun : `${noun}s`}`
  const reason = interrupted ? 'the run was interrupted' : 'not covered by the other numbers'
  return html`<div class="bad">
    <dt>Not looked at</dt>
    <dd>${amount}<br /><span>${reason}</span></dd>
  </div>`
}
