import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { reportPage } from '../../../src/cli/render/report/page.ts'
import { completeFigures, emptyFigures, figures, partialFigures } from './figures-fixture.ts'
import { hostileTexts, withForeignTexts } from './hostile-figures.ts'
import { largeFigures } from './large-figures.ts'
import { skeleton } from './page-text.ts'

const pages: readonly (readonly [string, string])[] = [
  ['with findings', reportPage(figures)],
  ['that is complete', reportPage(completeFigures)],
  ['that is partial', reportPage(partialFigures)],
  ['in which nothing was found', reportPage(emptyFigures)],
  ['of many accounts', reportPage(largeFigures(0.02))],
]

function all(page: string, pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map((match) => match[1] ?? match[0])
}

describe('reportPage', () => {
  it('is this page', () => {
    const body = reportPage(figures).replace(/^.*<body>/s, '')
    expect(body.replaceAll('><', '>\n<')).toMatchSnapshot()
  })

  it.each(pages)('a page %s loads nothing and runs nothing', (_, page) => {
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed|form|base)\b/i)
    expect(all(page, /\s(?:href|src|action|data|srcset)="([^"]*)"/g).filter((to) => !to.startsWith('#'))).toEqual([])
    expect(page).not.toMatch(/<[^>]*\s(?:style|on\w+)=/)
    expect(all(page, /<style>(.*?)<\/style>/gs).join('')).not.toMatch(/url\(|@import|@font-face/)
  })

  it('has a policy that allows only its own style block', () => {
    const page = reportPage(figures)
    const [css] = all(page, /<style>(.*?)<\/style>/gs)
    const hash = createHash('sha256').update(String(css)).digest('base64')
    expect(page.replaceAll(/\s+/g, ' ')).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    )
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'))
  })

  it.each(pages)('the headings of a page %s skip no level', (_, page) => {
    const levels = all(page, /<h(\d)\b/g).map(Number)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    expect(levels[0]).toBe(1)
    expect(levels.filter((level, at) => at > 0 && level > (levels[at - 1] ?? 0) + 1)).toEqual([])
  })

  it.each(pages)('every table of a page %s has a caption and named rows and columns', (_, page) => {
    for (const table of all(page, /<table>(.*?)<\/table>/gs)) {
      expect(table).toMatch(/<caption>[^<]+<\/caption>/)
      const rows = all(table, /<tr>(.*?)<\/tr>/gs)
      expect(rows.every((row, at) => row.trimStart().startsWith(`<th scope="${at === 0 ? 'col' : 'row'}"`))).toBe(true)
    }
  })

  it.each(pages)(
    'every image of a page %s has a title and a description, or is hidden from screen readers',
    (_, page) => {
      for (const svg of all(page, /<svg\b.*?<\/svg>/gs)) {
        const isHidden = /^<svg[^>]*aria-hidden="true"/.test(svg)
        const isNamed = /^<svg[^>]*role="img"[^>]*>\s*<title>[^<]+<\/title>\s*<desc>[^<]+<\/desc>/.test(svg)
        expect(isHidden || isNamed).toBe(true)
      }
    },
  )

  it.each(pages)('every link of a page %s leads to one place', (_, page) => {
    const ids = all(page, /\sid="([^"]*)"/g)
    expect(new Set(ids).size).toBe(ids.length)
    const named = [...all(page, /\shref="#([^"]*)"/g), ...all(page, /\saria-labelledby="([^"]*)"/g)]
    expect(named.filter((id) => !ids.includes(id))).toEqual([])
  })

  it.each(hostileTexts.map((text) => [text.slice(0, 40), text] as const))(
    '%j adds no tag and no attribute',
    (_, text) => {
      const page = reportPage(withForeignTexts(partialFigures, text))
      expect(skeleton(page)).toEqual(skeleton(reportPage(withForeignTexts(partialFigures, 'x'))))
      expect(page).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u,
      )
    },
  )
})
