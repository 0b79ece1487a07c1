import type { ReportFigures } from '../../../verbs/report/figures.ts'
import { delaySection } from './delay.ts'
import { eventsSection } from './events.ts'
import { findingsSection } from './findings.ts'
import { html, styleBlock, type Markup } from './html.ts'
import { integritySection } from './integrity.ts'
import { mapSection } from './map/map-section.ts'
import { protectionSection } from './protection.ts'
import { runsSection } from './runs.ts'
import { scopeSection, sourceName } from './scope.ts'
import { sectionMarkup, type Section } from './section.ts'
import { streamsSection } from './streams.ts'
import { css } from './style/css.ts'
import { uncheckedSection } from './unchecked.ts'
import { titleWords, verdictBanner } from './verdict.ts'
import { volumeSection } from './volume.ts'
import { instantIn } from './words.ts'

/** The report as one HTML page that loads nothing and runs no script. */
export function reportPage(figures: ReportFigures): string {
  const { scope, generated, crosstrail, verdict } = figures
  const { block, source } = styleBlock(css)
  const sections = sectionsOf(figures)
  const name = sourceName(scope)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src ${source}; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>CloudTrail report of ${name}: ${titleWords(figures)}</title>
        ${block}
      </head>
      <body>
        <header>
          <h1>CloudTrail report <span>${name}</span></h1>
          <p>Made on ${instantIn(generated)} by crosstrail ${crosstrail}. All times are UTC.</p>
        </header>
        <main>
          ${verdictBanner(figures)}${contents(sections)}${sections.map((section) => sectionMarkup(section, verdict === 'partial'))}
        </main>
        <footer>
          <p>
            This page is one file. It loads nothing and runs no script. It names accounts, roles and keys of logs, so
            share it with care.
          </p>
        </footer>
      </body>
    </html>`.text
}

function sectionsOf(figures: ReportFigures): Section[] {
  return [
    uncheckedSection(figures),
    scopeSection(figures),
    findingsSection(figures),
    mapSection(figures.map),
    volumeSection(figures),
    delaySection(figures),
    streamsSection(figures),
    integritySection(figures),
    protectionSection(figures),
    runsSection(figures),
    eventsSection(figures),
  ].filter((section) => section !== undefined)
}

function contents(sections: readonly Section[]): Markup {
  const links = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)
  return html`<nav aria-label="Contents">
    <ul>
      ${links}
    </ul>
  </nav>`
}
