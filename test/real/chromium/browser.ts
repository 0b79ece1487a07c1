import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Why Chromium cannot be started, if it cannot. */
export const missingChromium = existsSync(executablePath) ? undefined : `there is no ${executablePath}: npm run servers`

/** Root must run Chromium without its sandbox. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}

/** A page that is open in a browser, with what it said and asked for. */
export interface OpenPage {
  readonly page: Page
  readonly url: string
  readonly messages: readonly string[]
  readonly requests: readonly string[]
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Writes a page to a folder, and opens the file in a new context. */
export async function openPage(
  browser: Browser,
  folder: string,
  markup: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const file = join(folder, 'report.html')
  writeFileSync(file, markup)
  const url = pathToFileURL(file).href
  const context: BrowserContext = await browser.newContext(options)
  const page = await context.newPage()
  const messages: string[] = []
  const requests: string[] = []
  page.on('console', (message) => messages.push(message.text()))
  page.on('pageerror', (error) => messages.push(error.message))
  page.on('dialog', (dialog) => messages.push(dialog.message()))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  return { page, url, messages, requests, [Symbol.asyncDispose]: () => context.close() }
}
