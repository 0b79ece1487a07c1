import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { barChart, growthChart } from './chart.ts'
import { circumstancesOf, expectations, headline } from './headline.ts'
import type { Result, Results } from './results.ts'
import type { Row } from './section.ts'
import { sectionMarkdown } from './section-markdown.ts'

const docs = resolve(import.meta.dirname, '../../docs')
const folder = join(docs, 'benchmarks')
const page = join(docs, 'BENCHMARKS.md')

/** The pages and charts that are made of results, by path. */
export function pagesOf(rows: readonly Row[], results: Results): Map<string, string> {
  const saved = rows.flatMap((row) => {
    const result = results[row.name]
    return result === undefined ? [] : [{ row, result, chart: chartOf(row, result) }]
  })
  const files = new Map<string, string>()
  for (const { row, chart } of saved) if (chart !== undefined) files.set(join(folder, `${row.name}.svg`), chart)
  const tables = (https: boolean) =>
    saved
      .filter(({ row }) => (row.scheme === 'https') === https)
      .flatMap(({ row, result, chart }) => [
        sectionMarkdown(row, result.section),
        ...(chart === undefined ? [] : [`![${row.title}](${row.name}.svg)`]),
        `<sub>${circumstancesOf(result)}</sub>`,
      ])
  const parts = [introduction, '## Over HTTPS', ...tables(true), '## Over HTTP', ...tables(false)]
  files.set(join(folder, 'results.md'), `${parts.join('\n\n')}\n`)
  const blocks = { headline: headline(results), expect: expectations(results) }
  files.set(page, Object.entries(blocks).reduce(withBlock, readFileSync(page, 'utf8')))
  return files
}

export function writePages(rows: readonly Row[], results: Results): void {
  for (const [path, text] of pagesOf(rows, results)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

function withBlock(text: string, [name, block]: readonly [string, string]): string {
  const [begin, end] = [
    `<!-- bench: ${name}, written by \`npm run bench -- --save\` -->`,
    `<!-- bench: end of ${name} -->`,
  ]
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before === -1 || after < before) throw new Error(`${page} has no ${begin} … ${end}`)
  return `${text.slice(0, before)}${begin}\n\n${block}\n\n${text.slice(after)}`
}

function chartOf({ name, title }: Row, { section: { bars, growth } }: Result): string | undefined {
  if (growth !== undefined) return growthChart(title, growth)
  return bars !== undefined && barCharts.has(name) ? barChart(title, bars) : undefined
}

const barCharts = new Set(['https-download', 'download'])

const introduction = `# Results of the benchmark

\`npm run bench -- --save\` writes this page. What the figures mean for you is in [BENCHMARKS.md](../BENCHMARKS.md).

- Wall, CPU (user and system, of the process and its children) and peak memory are medians, with the least and the most in brackets.
- A ratio is crosstrail's figure to the tool's in the same round: below 1 crosstrail takes less.
- The logs are real gzip of about 6 KB each. S3 is nginx with Lua on the same machine, and STS is the lab.
- "30 ms of latency" is added to each answer, and not to the connections that are opened.
- Over HTTPS the server speaks TLS 1.3 over HTTP/1.1 with session tickets, a certificate of EC P-256, and one cipher for all tools.
- Every download is checked to hold all files.
- A row that is not here was not measured. Rows may have been measured on different days: the line below a table says when.`
