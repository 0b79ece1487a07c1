import { skipReasons } from '../../work/outcome.ts'
import type { RunReport, Verification } from '../../work/run-event.ts'
import type { Tally } from '../../work/tally.ts'
import { skipMeanings } from '../skip-meanings.ts'
import { escapeText } from './escape.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from './quantity.ts'
import { type Column, textTable } from './text-table.ts'

type Row = readonly (readonly [Column, string])[]

/**
 * The summary of a run as lines for people: a row per account, a total if there are several, and notes.
 *
 * `moves`: whether the verb moves bytes; a listing does not. `width`: of the terminal.
 */
export function summaryLines(report: RunReport, moves: boolean, width?: number): string[] {
  const rows = report.accounts.map(({ account, tally, seconds, error, unlisted }) =>
    summaryRow(account, tally, seconds, moves, stoppedBy(error?.code, unlisted)),
  )
  if (report.accounts.length > 1) rows.push(summaryRow('total', report.total, report.seconds, moves))
  const columns = rows[0]?.map(([column]) => column) ?? []
  const lines = textTable(
    columns,
    rows.map((row) => row.map(([, cell]) => cell)),
    width,
  )
  if (report.verification !== undefined) lines.push(...verificationLines(report.verification))
  for (const [reason, meaning] of Object.entries(skipMeanings)) {
    if (report.total.skipped[reason as keyof typeof skipMeanings] > 0) lines.push(`${reason}: ${meaning}`)
  }
  if (report.interrupted) lines.push('interrupted before the end; run the same command again to continue')
  if (report.journalFile !== undefined) lines.push(`journal: ${escapeText(report.journalFile)}`)
  return lines
}

function verificationLines({ verified, verifiedBy, present, presentBy }: Verification): string[] {
  const by = (counted: Readonly<Record<string, number>>) =>
    Object.entries(counted).map(([name, count]) => `${formatCount(count)} by ${checkNames[name] ?? name.toUpperCase()}`)
  return [
    `verified: ${[`${formatCount(verified)} copies`, ...by(verifiedBy)].join(', ')}`,
    ...(present === 0 ? [] : [`compared: ${[`${formatCount(present)} existing copies`, ...by(presentBy)].join(', ')}`]),
  ]
}

const checkNames: Readonly<Record<string, string>> = { etag: 'ETag', content: 'content (SHA-256)', size: 'size' }

function summaryRow(account: string, tally: Tally, seconds: number, moves: boolean, stopped?: string): Row {
  const moved: Row = [
    [{ title: 'BYTES', align: 'right' }, formatBytes(tally.doneBytes)],
    [{ title: 'RATE', align: 'right' }, formatRate(tally.doneBytes, seconds)],
  ]
  return [
    [{ title: 'ACCOUNT' }, account],
    [{ title: moves ? 'DONE' : 'LISTED', align: 'right' }, formatCount(tally.done)],
    ...(moves ? moved : []),
    [{ title: 'TIME', align: 'right' }, formatSeconds(seconds)],
    [{ title: 'SKIPPED' }, counts(skipReasons.map((reason) => [reason, tally.skipped[reason]]))],
    [{ title: 'FAILED' }, failedText(tally, stopped)],
  ]
}

function failedText(tally: Tally, stopped: string | undefined): string {
  const failures = counts(Object.entries(tally.failures))
  if (stopped === undefined) return failures
  return failures === '-' ? stopped : `${failures}; ${stopped}`
}

function stoppedBy(errorCode: string | undefined, unlisted = 0): string | undefined {
  if (errorCode === undefined) return undefined
  return unlisted > 1 ? `stopped by ${errorCode}, ${formatCount(unlisted)} listings missing` : `stopped by ${errorCode}`
}

/** `12 present, 3 archived`; `-` for none. */
function counts(entries: readonly (readonly [string, number])[]): string {
  const some = entries.filter(([, count]) => count > 0).map(([name, count]) => `${formatCount(count)} ${name}`)
  return some.length === 0 ? '-' : some.join(', ')
}
