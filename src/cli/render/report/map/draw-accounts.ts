import type { HeatMap } from '../../../../verbs/report/figures.ts'
import { formatBytes } from '../../quantity.ts'
import { html, type Markup } from '../html.ts'
import { counted } from '../words.ts'
import { accountDrawing, problemWords } from './drawing.ts'
import { problemCount, type MapAccount } from './map-accounts.ts'
import { runsOf } from './runs.ts'
import { isProblem } from './states.ts'
import { stepWords } from './steps.ts'

/** At most this many accounts with problems are unfolded. The titles of the others say what is wrong. */
export const mostOpen = 20
/** With more problems, titles of each of them would be most of the page. */
const mostTitles = 4000
/** How many characters of drawings a page may have. With all its tables it then stays below 5 MB. */
const mostDrawn = 2_300_000

/** Draws accounts in their order, the first ones unfolded, until the page would be too large. Returns also those that are left. */
export function drawAccounts(
  accounts: readonly MapAccount[],
  map: HeatMap,
  open: number,
): { readonly blocks: readonly Markup[]; readonly left: readonly MapAccount[] } {
  const titled = problemRuns(accounts, map) <= mostTitles
  const blocks: Markup[] = []
  let characters = 0
  for (const [at, account] of accounts.entries()) {
    const block = accountBlock(account, map, { titled, isOpen: at < open })
    characters += block.text.length
    if (characters > mostDrawn) break
    blocks.push(block)
  }
  return { blocks, left: accounts.slice(blocks.length) }
}

function accountBlock(
  account: MapAccount,
  map: HeatMap,
  { titled, isOpen }: { readonly titled: boolean; readonly isOpen: boolean },
): Markup {
  const { logAccount, rows, counts } = account
  const sum = (of: 'logs' | 'bytes') => rows.reduce((total, row) => total + row[of], 0)
  const problems = html`<span class="${problemCount(counts) > 0 ? 'bad' : 'good'}"
    >${problemWords(counts, stepWords(map))}</span
  >`
  const size = `${counted(rows.length, 'region')}, ${counted(sum('logs'), 'log')}, ${formatBytes(sum('bytes'))}`
  return html`<details class="account${!isOpen && ' many'}" ${isOpen && html` open`}>
    <summary>
      <span><b>${logAccount}</b> ${problems} <span class="size">${size}</span></span>
    </summary>
    ${accountDrawing(account, map, { titled })}
  </details>`
}

function problemRuns(accounts: readonly MapAccount[], { letters }: HeatMap): number {
  let count = 0
  for (const { rows } of accounts) {
    for (const { states } of rows) for (const { state } of runsOf(states, letters)) if (isProblem(state)) count++
  }
  return count
}
