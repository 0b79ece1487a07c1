import { describe, expect, it } from 'vitest'
import { reportPage } from '../../../src/cli/render/report/page.ts'
import { largeFigures } from './large-figures.ts'
import { pageText } from './page-text.ts'

const mostBytes = 5_000_000
const mixed = largeFigures(0.03)
const mixedPage = reportPage(mixed)
const mixedText = pageText(mixedPage)
const worst = largeFigures(1)
const worstPage = reportPage(worst)

describe('the page of 500 accounts, 17 regions and a year', () => {
  it.each([
    ['regular rows', () => reportPage(largeFigures(0))],
    ['some random rows', () => mixedPage],
    ['half of the rows random', () => reportPage(largeFigures(0.5))],
    ['only random rows', () => worstPage],
  ])('is smaller than 5 MB with %s', (_, page) => {
    expect(Buffer.byteLength(page())).toBeLessThan(mostBytes)
  })

  it('draws every account if most rows are regular', () => {
    expect(mixedPage.match(/<svg\s+class="cells"/g)).toHaveLength(500)
    expect(mixedText).not.toContain('without a drawing')
  })

  it('says which accounts it does not draw because the page would be too large', () => {
    const drawn = worstPage.match(/<svg\s+class="cells"/g)?.length ?? 0
    expect(drawn).toBeGreaterThan(50)
    const text = pageText(worstPage)
    expect(text).toContain(`${500 - drawn} log accounts without a drawing`)
    const rest = text.slice(text.indexOf('Log accounts that are not drawn'))
    expect(rest).toMatch(/\d{12}\n17\n\d+ weeks missing, \d+ weeks unverified, \d+ weeks silent and \d+ weeks late/)
  })

  it('says what the tables leave out', () => {
    expect(mixedText).toContain('The table has the 1,000 streams whose newest log is the oldest. 16,000 streams')
    expect(mixedText).toContain('850 of 8,500 chains of digests have problems.')
    expect(mixedText).toContain('7,500 chains are left out, none of them with problems.')
    expect(mixedText).toContain('This page has the 1,000 most important findings. The counts include the other 3,821')
    expect(mixedText).toContain('3,821 further findings are not on this page.')
  })

  it('unfolds the first accounts with problems, and folds the others', () => {
    const open = [...mixedPage.matchAll(/<details\s+class="account[^>]*>/g)].map(([tag]) => / open/.test(tag))
    expect(open).toEqual(Array.from({ length: 500 }, (_, at) => at < 20))
    expect(mixedText).toMatch(/\d+ log accounts with problems[^]*\d+ log accounts without problems/)
  })
})
