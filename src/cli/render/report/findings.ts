import type { ReportFigures, ReportFinding } from '../../../verbs/report/figures.ts'
import { formatCount } from '../quantity.ts'
import { fold } from './fold.ts'
import { html, joined, type Content, type Markup } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { findingCount } from './verdict.ts'
import { counted, instantIn, prose } from './words.ts'

/** Further findings of the same code are folded. */
const mostOpen = 5

/** The findings, grouped by code. The groups keep the order of their first finding, so the most important one is first. */
export function findingsSection(figures: ReportFigures): Section {
  const { findings, findingCounts, verdict } = figures
  const count = findingCount(figures)
  const section = { id: 'findings', title: count === 0 ? 'Findings' : `Findings (${formatCount(count)})` }
  if (count === 0) {
    return {
      ...section,
      body: emptyNote(
        verdict === 'partial'
          ? 'There are no findings in what was looked at. This does not mean that nothing is wrong: see what could not be checked.'
          : 'There are no findings: nothing that was looked at is wrong.',
      ),
    }
  }
  const groups = new Map<string, ReportFinding[]>(Object.keys(findingCounts).map((code) => [code, []]))
  const order = new Set([...findings.map(({ code }) => code), ...groups.keys()])
  for (const finding of findings) {
    const group = groups.get(finding.code) ?? []
    groups.set(finding.code, group)
    group.push(finding)
  }
  return {
    ...section,
    body: [
      findings.length < count && leftOut(findings.length, count),
      [...order].map((code) => groupMarkup(code, groups.get(code) ?? [], findingCounts[code] ?? 0)),
    ],
  }
}

function leftOut(shown: number, count: number): Markup {
  return html`<p>
    This page has the ${counted(shown, 'most important finding')}. The counts include the other
    ${formatCount(count - shown)}, which <code>crosstrail verify --output json</code> prints.
  </p>`
}

function groupMarkup(code: string, findings: readonly ReportFinding[], count: number): Markup {
  const [first] = findings
  const shared = {
    advice: findings.every(({ advice }) => advice === first?.advice),
    command: findings.every(({ command }) => command === first?.command),
  }
  const item = (finding: ReportFinding) => html`<li>${findingMarkup(finding, shared)}</li>`
  const rest = findings.slice(mostOpen)
  const left = count - findings.length
  return html`<article class="card finding">
    <h3><code class="code">${code}</code> <span class="count">${counted(count, 'finding')}</span></h3>
    <ul>
      ${findings.slice(0, mostOpen).map(item)}
    </ul>
    ${
      rest.length > 0 &&
      fold(
        `${formatCount(rest.length)} more`,
        html`<ul>
          ${rest.map(item)}
        </ul>`,
        rest.length,
      )
    }${left > 0 && html`<p class="note">${counted(left, 'further finding is', 'further findings are')} not on this page.</p>`}
    ${first !== undefined && shared.advice && html`<p class="advice">${prose(first.advice)}</p>`}${shared.command && commandMarkup(first?.command)}
  </article>`
}

function findingMarkup(
  finding: ReportFinding,
  shared: { readonly advice: boolean; readonly command: boolean },
): readonly Content[] {
  const { message, advice, command } = finding
  return [
    html`<p>${prose(message)}</p>`,
    facts(finding),
    !shared.advice && html`<p class="advice">${prose(advice)}</p>`,
    !shared.command && commandMarkup(command),
  ]
}

function facts({ logAccount, region, from, until, key }: ReportFinding): Content {
  const some: Content[] = []
  if (logAccount !== undefined) some.push(`log account ${logAccount}`)
  if (region !== undefined) some.push(region)
  if (from !== undefined && until !== undefined) some.push(html`from ${instantIn(from)} until ${instantIn(until)}`)
  else if (from !== undefined) some.push(html`from ${instantIn(from)}`)
  else if (until !== undefined) some.push(html`until ${instantIn(until)}`)
  if (key !== undefined) some.push(html`<code>${key}</code>`)
  return some.length > 0 && html`<p class="place">${joined(some, ' · ')}</p>`
}

function commandMarkup(command: string | undefined): Content {
  return command !== undefined && html`<pre><code>${command}</code></pre>`
}
