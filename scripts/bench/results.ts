import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { barChart, growthChart } from './chart.ts'
import { allRows } from './all-rows.ts'
import { type About, machine } from './machine.ts'
import type { Row, Section } from './section.ts'

interface Result {
  readonly about: About & { readonly rounds: number }
  readonly section: Section
}

const docs = resolve(import.meta.dirname, '../../docs')
const page = join(docs, 'BENCHMARKS.md')
const resultsFile = join(import.meta.dirname, 'results.json')
const begin = '<!-- bench: written by `npm run bench -- --save` -->'
const end = '<!-- bench: end -->'

/** Keeps a row's result beside those of the others, and writes the page and its charts anew from all of them. */
export function saveResults(row: Row, section: Section, rounds: number): void {
  const results = readResults()
  results[row.name] = { about: { ...machine(), rounds }, section }
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`)
  const growth = results['growth']?.section.growth
  if (growth !== undefined) writeFileSync(join(docs, 'benchmark-growth.svg'), growthChart('Cost as work grows', growth))
  const bars = results['download']?.section.bars
  const title = 'List and download 20,000 logs of 6 KB, no latency'
  if (bars !== undefined) writeFileSync(join(docs, 'benchmark-download.svg'), barChart(title, bars))
  writePage(allRows, results)
}

/** A row's heading, table and verdicts. */
export function sectionMarkdown({ title, notes }: Row, { head, cells, verdicts }: Section): string {
  const line = (values: readonly string[]) => `| ${values.join(' | ')} |`
  return [
    `### ${title}`,
    '',
    notes.map((note) => `${note}.`).join(' '),
    '',
    line(head),
    line(head.map(() => '---')),
    ...cells.map(line),
    ...(verdicts.length === 0 ? [] : ['']),
    ...verdicts.map(
      ({ what, got, reached }) => `- ${reached ? 'reached' : '**not reached**'}: ${what}. Measured: ${got}`,
    ),
  ].join('\n')
}

function readResults(): Record<string, Result> {
  if (!existsSync(resultsFile)) return {}
  return JSON.parse(readFileSync(resultsFile, 'utf8')) as Record<string, Result>
}

function writePage(rows: readonly Row[], results: Readonly<Record<string, Result>>): void {
  const parts = rows.flatMap((row) => {
    const result = results[row.name]
    if (result === undefined) return []
    const { date, machine, versions, rounds } = result.about
    const chart = charts[row.name]
    return [
      sectionMarkdown(row, result.section),
      ...(chart === undefined ? [] : [`![${row.title}](${chart})`]),
      `<sub>${date}, ${rounds} rounds, ${machine}; ${versions}.</sub>`,
    ]
  })
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before === -1 || after < before) throw new Error(`${page} has no ${begin} … ${end}`)
  writeFileSync(page, `${text.slice(0, before)}${begin}\n\n${parts.join('\n\n')}\n\n${text.slice(after)}`)
}

const charts: Readonly<Record<string, string>> = {
  download: 'benchmark-download.svg',
  growth: 'benchmark-growth.svg',
}
