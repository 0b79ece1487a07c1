import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { reportPage } from '../../../src/cli/render/report/page.ts'
import { figures, partialFigures } from '../../cli/report/figures-fixture.ts'
import { hostileTexts, withForeignTexts } from '../../cli/report/hostile-figures.ts'
import { largeFigures } from '../../cli/report/large-figures.ts'
import { describeUnless } from '../../describe-unless.ts'
import { launchChromium, missingChromium, openPage } from './browser.ts'

const findings = reportPage(figures)
const partial = reportPage(partialFigures)

/** A printed page of fewer bytes has no text: an empty one has about 1,000, and its font takes several thousand. */
const emptyPdf = 5000

const looks = [360, 800, 1280].flatMap((width) => [[width, 'light'] as const, [width, 'dark'] as const])

function look(width: number, colorScheme: 'light' | 'dark'): BrowserContextOptions {
  return { viewport: { width, height: 900 }, colorScheme }
}

async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
}

/** What an accessibility checker says. The browser runs it on behalf of the test, so the policy of the page does not prevent it. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const { violations: found } = await page.evaluate(() =>
    (globalThis as unknown as { readonly axe: typeof axe }).axe.run({ resultTypes: ['violations'] } as never),
  )
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describeUnless(missingChromium, 'the report in Chromium', () => {
  let browser: Browser
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-report-'))

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser.close()
    // CROSSTRAIL_KEEP_SCREENSHOTS=1 keeps them for a person who wants to look at them.
    if (process.env['CROSSTRAIL_KEEP_SCREENSHOTS'] === undefined) rmSync(folder, { recursive: true })
    else process.stderr.write(`screenshots: ${folder}\n`)
  })

  it.each(looks)('fits into %d pixels in %s colors, says nothing, and asks for nothing', async (width, colorScheme) => {
    await using open = await openPage(browser, folder, findings, look(width, colorScheme))
    const { page, url, messages, requests } = open
    await unfold(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    await page.screenshot({ path: join(folder, `findings-${width}-${colorScheme}.png`), fullPage: true })
    expect(messages).toEqual([])
    expect(requests).toEqual([url])
  })

  it.each([
    ['with findings', findings, 360, 'light'],
    ['with findings', findings, 1280, 'dark'],
    ['that is partial', partial, 1280, 'light'],
    ['that is partial', partial, 360, 'dark'],
  ] as const)('a page %s is accessible', async (_, markup, width, colorScheme) => {
    await using open = await openPage(browser, folder, markup, look(width, colorScheme))
    await unfold(open.page)
    expect(await violations(open.page)).toEqual([])
  })

  it('is readable, and folds, without JavaScript', async () => {
    await using open = await openPage(browser, folder, findings, { javaScriptEnabled: false })
    const { page } = open
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('CloudTrail report')
    const table = page.getByRole('table', { name: 'How many days of each state' })
    expect(await table.isVisible()).toBe(false)
    await page.getByText('The map as a table').click()
    expect(await table.isVisible()).toBe(true)
  })

  it('does not run a script, apply a style or load an image that somebody adds', async () => {
    const added = `<p id="added" style="color:red">x</p><img src="https://127.0.0.1:9/x.png"><script>document.title = 'changed'</script></body>`
    await using open = await openPage(browser, folder, findings.replace('</body>', added))
    const { page, messages } = open
    expect(await page.title()).toBe('CloudTrail report of acme-cloudtrail-archive: findings')
    expect(await page.locator('#added').evaluate((element) => getComputedStyle(element).color)).not.toBe(
      'rgb(255, 0, 0)',
    )
    expect(messages.filter((message) => message.includes('Content Security Policy'))).toHaveLength(3)
  })

  it('shows hostile names as text', async () => {
    await using benign = await openPage(browser, folder, reportPage(withForeignTexts(partialFigures, 'x')))
    const elements = (page: Page) =>
      page.evaluate(() =>
        [...document.querySelectorAll('*')].map(({ attributes, tagName }) => `${tagName} ${attributes.length}`),
      )
    const expected = await elements(benign.page)
    for (const text of [hostileTexts.slice(0, 4).join(''), hostileTexts.slice(4).join('')]) {
      await using open = await openPage(
        browser,
        folder,
        reportPage(withForeignTexts(partialFigures, text)),
        look(360, 'light'),
      )
      const { page, url, messages, requests } = open
      expect(await elements(page)).toEqual(expected)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
      expect(messages).toEqual([])
      expect(requests).toEqual([url])
    }
  })

  it('prints on a few pages of A4, all of them with content, and with everything unfolded', async () => {
    await using open = await openPage(browser, folder, findings, look(800, 'dark'))
    const { page } = open
    const pdf = (pageRanges = '') => page.pdf({ preferCSSPageSize: true, pageRanges })
    const pages = (await pdf()).toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
    expect(pages).toBeGreaterThan(1)
    expect(pages).toBeLessThan(8)
    for (let number = 1; number <= pages; number++) {
      expect((await pdf(String(number))).length).toBeGreaterThan(emptyPdf)
    }
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('table', { name: 'How many days of each state' }).isVisible()).toBe(true)
    const colors = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body)
      return [backgroundColor, color]
    })
    expect(colors).toEqual(['rgb(255, 255, 255)', 'rgb(27, 32, 38)'])
  })

  it('opens a page of 500 accounts, 17 regions and a year', async () => {
    await using open = await openPage(browser, folder, reportPage(largeFigures(0.03)), look(360, 'light'))
    const { page, url, messages, requests } = open
    expect(await page.locator('svg.cells').count()).toBe(500)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    await page.getByText('log accounts without problems').scrollIntoViewIfNeeded()
    expect(messages).toEqual([])
    expect(requests).toEqual([url])
  })
})
