import type { Shard } from '../../trail/shard.ts'
import type { MergedJournal, MergedLine, MergeReport } from '../../verbs/merge/report.ts'
import { skipReasons } from '../../work/outcome.ts'
import type { Tally } from '../../work/tally.ts'
import type { OutputFormat } from '../options/output.ts'
import type { Paint } from './colour.ts'
import { csvLine } from './csv.ts'
import { escapeText, safeJson } from './escape.ts'
import { formatBytes, formatCount } from './quantity.ts'
import type { Cell } from './result-rows.ts'
import { textTable } from './text-table.ts'

/** A failure or finding of a journal as one line: its JSON, or a sentence. CSV has only the shards. */
export function mergedLine(line: MergedLine, format: OutputFormat, paint: Paint): string | undefined {
  if (format === 'csv') return undefined
  if (format === 'json') return safeJson(line)
  const { shard, type, key, code, message } = line
  const text = typeof message === 'string' ? message : textOf(key)
  const where = shard === undefined ? '' : ` in shard ${textOf(shard)}`
  return `${paint('red', type === 'finding' ? 'finding:' : 'failed:')} ${escapeText(text)} (${escapeText(textOf(code))}${escapeText(where)})`
}

/** The shards, and their sum. */
export function mergeLines(report: MergeReport, format: OutputFormat, width?: number): string[] {
  const { journals, missing, total } = report
  if (format === 'json') {
    const sum = { type: 'total', verb: report.verb, shards: journals.length, missing: missing.map(shardText) }
    return [
      ...journals.map((journal) => safeJson({ type: 'shard', ...record(journal) })),
      safeJson({ ...sum, superseded: report.superseded, ...total, findings: report.findings }),
    ]
  }
  if (format === 'csv') {
    const rows = journals.map(record)
    return [csvLine(csvFields), ...rows.map((row) => csvLine(csvFields.map((field) => row[field] as Cell)))]
  }
  const rows = journals.map(({ shard, state, tally, findings }) => tallyRow(shardText(shard), state, tally, findings))
  const all = tallyRow('total', totalState(report), total, report.findings)
  const lines = textTable([{ title: 'SHARD' }, ...tallyColumns], [...rows, all], width)
  for (const shard of missing) lines.push(`shard ${shardText(shard)} has no journal: run it`)
  for (const { shard, file, state, stopped } of journals) {
    const what = shard === undefined ? 'a run' : `shard ${shardText(shard)}`
    if (state !== 'finished') lines.push(`${what} is ${state}: run it again (${escapeText(file)})`)
    for (const [account, code] of Object.entries(stopped)) {
      const who = account === '*' ? 'all accounts' : `account ${account}`
      const where = shard === undefined ? '' : `shard ${shardText(shard)}: `
      lines.push(`${where}${escapeText(who)} stopped by ${escapeText(code)} (${escapeText(file)})`)
    }
  }
  if (report.superseded.length > 0) {
    const { length } = report.superseded
    lines.push(`other runs of the same shards, not counted: ${formatCount(length)}`)
  }
  return lines
}

/** The columns of `tallyRow` after its name. */
export const tallyColumns = [
  { title: 'STATE' },
  { title: 'DONE', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'FINDINGS', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'SKIPPED' },
] as const

const csvFields = ['shard', 'state', 'done', 'doneBytes', 'failed', 'findings', 'file']

function record({
  shard,
  state,
  run,
  file,
  tally,
  stopped,
  findings,
}: MergedJournal): Readonly<Record<string, unknown>> {
  return { shard: shardText(shard), state, run, file, ...tally, findings: sumOf(findings), stopped }
}

/** One part of a run that several machines share. */
export function tallyRow(
  name: string,
  state: string,
  tally: Tally,
  findings: Readonly<Record<string, number>>,
): string[] {
  const skipped = skipReasons.flatMap((reason) => {
    const count = tally.skipped[reason]
    return count === 0 ? [] : [`${formatCount(count)} ${reason}`]
  })
  return [
    name,
    state,
    formatCount(tally.done),
    formatBytes(tally.doneBytes),
    formatCount(sumOf(findings)),
    formatCount(tally.failed),
    skipped.length === 0 ? '-' : skipped.join(', '),
  ]
}

function totalState({ journals, missing }: MergeReport): string {
  if (missing.length > 0) return `${formatCount(missing.length)} missing`
  return journals.every(({ state }) => state === 'finished') ? 'finished' : 'unfinished'
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function shardText(shard: Shard | undefined): string {
  return shard === undefined ? '-' : `${shard.index}/${shard.count}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
