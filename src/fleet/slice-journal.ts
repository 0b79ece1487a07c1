import { type Journal, journalLine, type RunJournal } from '../work/journal.ts'
import type { Outcome } from '../work/outcome.ts'
import { type Tally, TallyCounter } from '../work/tally.ts'
import type { SliceResult } from './format.ts'

/** Results travel through the queue, and all of a run are held by its submitter. */
const mostLines = 1000
const mostBytes = 256 * 1024

type Line = SliceResult['lines'][number]

/** The journal of one slice: lines in the file of its worker, if there is one, and the result. */
export class SliceJournal implements RunJournal {
  readonly file: string | undefined
  readonly #slice: string
  readonly #journal: Journal | undefined
  readonly #lines: Line[] = []
  #bytes = 0
  #omitted = 0
  readonly #findings = new Map<string, number>()
  readonly #tally = new TallyCounter()
  #end: Pick<SliceResult, 'interrupted' | 'stopped'> | undefined

  constructor(slice: string, journal: Journal | undefined) {
    this.#slice = slice
    this.#journal = journal
    this.file = journal?.file
  }

  add(outcome: Outcome): void {
    this.#tally.add(outcome)
    if (this.#journal === undefined && outcome.status !== 'failed') return
    const line = journalLine(outcome)
    this.#write(line)
    if (outcome.status === 'failed') this.#keep(line)
  }

  note(line: Line): void {
    const text = JSON.stringify(line)
    const { code } = line
    if (typeof code === 'string') this.#findings.set(code, (this.#findings.get(code) ?? 0) + 1)
    this.#write(text)
    this.#keep(text)
  }

  abandon(): void {
    this.#journal?.abandon()
  }

  close(_tally: Tally, interrupted: boolean, stopped: Readonly<Record<string, string>> = {}): void {
    this.#end = { interrupted, stopped }
    this.#write(JSON.stringify({ finished: new Date().toISOString(), interrupted, stopped }))
    this.#journal?.flush()
  }

  /** Returns what the lines say. Call it after `close`. */
  result(): Omit<SliceResult, 'worker' | 'seconds'> {
    if (this.#end === undefined) throw new Error(`the slice ${this.#slice} has not ended`)
    return {
      tally: this.#tally.snapshot(),
      ...this.#end,
      findings: Object.fromEntries(this.#findings),
      lines: this.#lines,
      omittedLines: this.#omitted,
    }
  }

  #write(line: string): void {
    this.#journal?.addLine(`{"slice":"${this.#slice}",${line.slice(1)}`)
  }

  #keep(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#lines.length >= mostLines || this.#bytes + bytes > mostBytes) {
      this.#omitted++
      return
    }
    this.#bytes += bytes
    this.#lines.push(JSON.parse(line) as Line)
  }
}
