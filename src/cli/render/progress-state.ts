import type { RunEvent } from '../../work/run-event.ts'
import { escapeText } from './escape.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from './quantity.ts'

/** One line of the progress, with a bar on a terminal. */
export interface ProgressLine {
  readonly name: string
  readonly settled: number
  readonly total: number
  readonly text: string
}

/** What progress is drawn of. */
export interface ProgressSource {
  lines(): readonly ProgressLine[]
}

export interface ProgressRow {
  readonly account: string
  /** Selected objects found so far, and their bytes. Final when `listed`. */
  readonly objects: number
  readonly bytes: number
  readonly listed: boolean
  readonly settled: number
  readonly settledBytes: number
  readonly movedBytes: number
  readonly failed: number
  readonly seconds: number
  readonly ended: boolean
}

type MutableRow = { -readonly [K in keyof Omit<ProgressRow, 'seconds'>]: ProgressRow[K] } & {
  readonly startedMs: number
  /** When all objects found so far had an outcome. */
  settledMs: number
}

export class ProgressState implements ProgressSource {
  readonly #rows = new Map<string, MutableRow>()

  readonly #clock: () => number

  /** The clock returns milliseconds. It is read when an account may be complete, not for each of millions of objects. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'account-started':
        this.#row(event.account)
        break
      case 'listed': {
        const row = this.#row(event.account)
        row.objects += event.objects
        row.bytes += event.bytes
        break
      }
      case 'outcome': {
        const { outcome } = event
        // These are not in the totals
        if (outcome.status === 'skipped' && (outcome.reason === 'foreign' || outcome.reason === 'unselected')) break
        const row = this.#row(outcome.account)
        row.settled++
        if (row.settled >= row.objects) row.settledMs = this.#clock()
        row.settledBytes += outcome.object.sizeBytes
        if (outcome.status === 'done') row.movedBytes += outcome.bytes
        if (outcome.status === 'failed') row.failed++
        break
      }
      case 'listing-finished':
        this.#row(event.account).listed = true
        break
      case 'account-failed': {
        const row = this.#row(event.account)
        row.ended = true
        row.settledMs = this.#clock()
        break
      }
      case 'verifying':
      case 'note':
        break
    }
  }

  /** One row per account, in the order of their first events. */
  rows(): ProgressRow[] {
    const nowMs = this.#clock()
    return [...this.#rows.values()].map(({ startedMs, settledMs, ...row }) => {
      const through = row.ended || (row.listed && row.settled >= row.objects)
      return Object.assign(row, { seconds: ((through ? settledMs : nowMs) - startedMs) / 1000 })
    })
  }

  lines(): ProgressLine[] {
    return this.rows().map((row) => ({
      name: row.account,
      settled: row.settled,
      total: totalOf(row),
      text: progressText(row),
    }))
  }

  #row(account: string): MutableRow {
    const known = this.#rows.get(account)
    if (known !== undefined) return known
    const startedMs = this.#clock()
    const row = {
      account,
      objects: 0,
      bytes: 0,
      listed: false,
      settled: 0,
      settledBytes: 0,
      movedBytes: 0,
      failed: 0,
      startedMs,
      settledMs: startedMs,
      ended: false,
    }
    this.#rows.set(account, row)
    return row
  }
}

/** A row as text: `B: 1,234 of 5,678+ objects, 12 MB, 3.4 MB/s, 0:42 left`. The `+` means that the listing is not complete. */
export function progressText(row: ProgressRow): string {
  const objects = `${formatCount(row.settled)} of ${formatCount(totalOf(row))}${row.listed ? '' : '+'} objects`
  const parts = [objects]
  // A listing moves no bytes
  if (row.movedBytes > 0) parts.push(formatBytes(row.movedBytes), formatRate(row.movedBytes, row.seconds))
  const left = secondsLeft(row)
  if (left !== undefined) parts.push(`${formatSeconds(left)} left`)
  if (row.failed > 0) parts.push(`${formatCount(row.failed)} failed`)
  if (row.ended) parts.push('stopped')
  return `${escapeText(row.account)}: ${parts.join(', ')}`
}

export function totalOf(row: ProgressRow): number {
  return Math.max(row.objects, row.settled)
}

/** Seconds left at the rate so far; undefined before the totals are final, and if nothing is left. */
export function secondsLeft(row: ProgressRow): number | undefined {
  const left = row.objects - row.settled
  if (!row.listed || row.ended || row.settled === 0 || left <= 0) return undefined
  return (left * row.seconds) / row.settled
}
