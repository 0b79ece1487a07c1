import type { ReportFigures, ReportScope } from '../../../verbs/report/figures.ts'
import { formatBytes } from '../quantity.ts'
import { fold } from './fold.ts'
import { html, joined, type Content } from './html.ts'
import type { Section } from './section.ts'
import { counted, instantIn, listed, listedFirst } from './words.ts'
import { integrityWords } from './verdict.ts'

/** More names than this are folded. */
const mostNames = 20

/** What was looked at, and what was not asked. */
export function scopeSection(figures: ReportFigures): Section {
  const { scope, events } = figures
  const entries: readonly (readonly [string, Content])[] = [
    ['Source', sourceWords(scope)],
    ...(scope.accounts.length === 0 ? [] : [['Read by', readers(scope)] as const]),
    ['Window', html`Delivered from ${instantIn(scope.from)} until ${instantIn(scope.until)}`],
    ['Selected', selectedWords(scope)],
    ['Found', foundWords(figures)],
    ['Log accounts', names(scope.logAccounts, 'log account')],
    ['Regions', names(scope.regions, 'region')],
    ['Kinds', scope.kinds.length === 0 ? 'none' : scope.kinds.join(', ')],
    ['Integrity', integrityWords[scope.integrity]],
    [
      'Events',
      events === undefined
        ? 'The events inside the logs were not read. --events counts them.'
        : 'The events inside the logs were read.',
    ],
  ]
  return {
    id: 'scope',
    title: 'What was looked at',
    body: html`<dl class="facts">
      ${entries.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`,
  }
}

/** The source in a few words, for the title. */
export function sourceName({ source }: ReportScope): string {
  return source.type === 'bucket' ? source.bucket : listedFirst(source.dirs, 2)
}

function sourceWords({ source }: ReportScope): Content {
  if (source.type === 'folders') {
    const dirs = source.dirs.map((dir) => html`<code>${dir}</code>`)
    return [source.dirs.length === 1 ? 'The folder ' : 'The folders ', joined(dirs, ', ')]
  }
  const { bucket, owner, region, prefix, organization } = source
  return [
    html`The bucket <code>${bucket}</code> in ${region}, owned by ${owner}`,
    prefix !== '' && html`, under the prefix <code>${prefix}</code>`,
    organization !== undefined && `, of the organization ${organization}`,
  ]
}

function readers({ accounts }: ReportScope): Content {
  const items = accounts.map(({ label, role }) => html`<li>${label} <code>${role}</code></li>`)
  return folded(
    counted(accounts.length, 'account'),
    accounts.length,
    html`<ul>
      ${items}
    </ul>`,
  )
}

function selectedWords({ selected }: ReportScope): string {
  const { logAccounts, regions, kinds } = selected
  const part = (some: readonly string[], noun: string) =>
    some.length === 0 ? `all ${noun}s` : `${counted(some.length, noun)} (${listedFirst(some, 10)})`
  return listed([part(logAccounts, 'log account'), part(regions, 'region'), part(kinds, 'kind')])
}

function foundWords({ scope, totals }: ReportFigures): string {
  const objects = totals.reduce((sum, total) => sum + total.objects, 0)
  const bytes = totals.reduce((sum, total) => sum + total.bytes, 0)
  if (objects === 0) return 'no log and no digest'
  return `${counted(objects, 'object')} with ${formatBytes(bytes)} from ${counted(scope.logAccounts.length, 'log account')} in ${counted(scope.regions.length, 'region')}`
}

function names(some: readonly string[], noun: string): Content {
  if (some.length === 0) return 'none'
  return folded(counted(some.length, noun), some.length, some.join(', '))
}

function folded(summary: string, count: number, content: Content): Content {
  return count <= mostNames ? content : fold(summary, content, count)
}
