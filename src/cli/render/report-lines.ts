import type { ReportFigures } from '../../verbs/report/figures.ts'
import type { Paint } from './colour.ts'
import { escapeText } from './escape.ts'
import { formatBytes, formatCount } from './quantity.ts'
import { headline, integrityWords } from './report/verdict.ts'
import { counted } from './report/words.ts'

/** More than a screen of findings is read on the page. */
const mostShown = 10

export interface WrittenPage {
  readonly file: string
  readonly bytes: number
}

/** The verdict for a terminal: what was looked at, what was not, the first findings, and where the page is. */
export function reportLines(figures: ReportFigures, written: WrittenPage | undefined, paint: Paint): string[] {
  const { verdict, scope, unchecked, findings, findingCounts, totals } = figures
  const objects = totals.reduce((sum, total) => sum + total.objects, 0)
  const bytes = totals.reduce((sum, total) => sum + total.bytes, 0)
  const found = Object.values(findingCounts).reduce((sum, count) => sum + count, 0)
  const style = verdict === 'complete' ? 'green' : verdict === 'findings' ? 'yellow' : 'red'
  return [
    paint(style, headline(figures)),
    `${counted(objects, 'object')} (${formatBytes(bytes)}) of ${counted(scope.logAccounts.length, 'log account')} in ${counted(scope.regions.length, 'region')}, from ${scope.from} until ${scope.until}`,
    integrityWords[scope.integrity],
    ...unchecked.slice(0, mostShown).map(({ account, code, message }) => {
      const who = account === '' ? '' : `${account}: `
      return `not looked at: ${escapeText(who + message)} (${code})`
    }),
    ...more(unchecked.length, 'more could not be looked at'),
    ...findings.slice(0, mostShown).map(({ code, message }) => `${code}: ${escapeText(message)}`),
    ...more(found, 'more findings'),
    ...(written === undefined ? [] : [`wrote ${escapeText(written.file)} (${formatBytes(written.bytes)})`]),
  ]
}

function more(count: number, what: string): string[] {
  return count > mostShown ? [`${formatCount(count - mostShown)} ${what}: see the page`] : []
}
