import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { diskError } from '../disk/disk-error.ts'
import { makeNamedFolder } from '../disk/make-folder.ts'
import { writeAll } from '../disk/whole-file.ts'
import { CrosstrailError } from '../error.ts'
import { jsonText } from './json-text.ts'
import type { Outcome, OutcomeDetail, OutcomeObject } from './outcome.ts'
import type { RunReport } from './run-event.ts'
import type { Tally } from './tally.ts'

const bufferedCharacters = 64 * 1024

type Intended = Pick<OutcomeObject, 'key' | 'sizeBytes' | 'etag'>

/** Where a run writes its outcomes and findings. */
export interface RunJournal {
  readonly file: string | undefined
  add(outcome: Outcome): void
  /** Adds a line about something else than an outcome, such as a finding. */
  note(line: Readonly<Record<string, unknown>>): void
  /** Keeps the lines so far, for a run that ends in a bug. Never throws, because the bug must be reported. */
  abandon(): void
  /** `stopped` has the error code for each account that was stopped, and under `*` for the whole run. */
  close(
    tally: Tally & Pick<RunReport, 'verification'>,
    interrupted: boolean,
    stopped?: Readonly<Record<string, string>>,
  ): void
}

/**
 * The NDJSON file of a run's outcomes: a head line (`run`), a line per outcome, a last line (`finished`). A run that was killed has no last
 * line. Contains no secret. File 0600, folder 0700.
 */
export class Journal implements RunJournal {
  readonly file: string
  readonly #descriptor: number
  #buffer = ''
  /** No line may follow one that may be incomplete. */
  #failure: unknown

  /** Throws CrosstrailError `disk.full`, `disk.journal`. */
  constructor(file: string, head: Readonly<Record<string, unknown>>) {
    this.file = file
    this.#descriptor = guarded(file, 'free some space, or give this user the right to write there', () => {
      makeNamedFolder(dirname(file))
      return openSync(file, 'wx', 0o600)
    })
    this.#line({ journal: 'crosstrail', version: 1, ...head })
    try {
      this.#flush()
    } catch (error) {
      // The caller gets no journal that it could close.
      closeSync(this.#descriptor)
      throw error
    }
  }

  add(outcome: Outcome): void {
    this.#write(journalLine(outcome))
  }

  /** Adds a line that `journalLine` made. */
  addLine(line: string): void {
    this.#write(line)
  }

  note(line: Readonly<Record<string, unknown>>): void {
    this.#line(line)
  }

  /** Records what is about to be done to an object. On disk once `sync` has returned. */
  intend(account: string, { key, sizeBytes, etag }: Intended, versionId?: string): void {
    const at = new Date().toISOString()
    this.#line({ status: 'intended', account, key, sizeBytes, etag, ...(versionId !== undefined && { versionId }), at })
  }

  /** Whether a line could not be written. No line follows it. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Returns when all lines so far are in the file. Also throws if an earlier line was not written. */
  flush(): void {
    this.#flush()
  }

  /** Closes a file that several runs share. Each of them has its own last line. */
  end(): void {
    try {
      if (this.#failure === undefined) this.sync()
    } finally {
      guarded(this.file, unwritten, () => closeSync(this.#descriptor))
    }
  }

  /** Returns when all lines so far are safe from a power cut. Also throws if an earlier line was not written. */
  sync(): void {
    this.#flush()
    this.#attempt(() => fsyncSync(this.#descriptor))
  }

  abandon(): void {
    try {
      this.#flush()
    } catch {
      // The missing last line says that the run did not end well.
    }
  }

  close(
    tally: Tally & Pick<RunReport, 'verification'>,
    interrupted: boolean,
    stopped: Readonly<Record<string, string>> = {},
  ): void {
    try {
      // The failure was thrown when it happened; the missing last line shows it too.
      if (this.#failure !== undefined) return
      this.#line({ finished: new Date().toISOString(), interrupted, stopped, ...tally })
      this.sync()
    } finally {
      guarded(this.file, unwritten, () => closeSync(this.#descriptor))
    }
  }

  #line(line: Readonly<Record<string, unknown>>): void {
    this.#write(JSON.stringify(line))
  }

  #write(line: string): void {
    if (this.#failure !== undefined) return
    this.#buffer += `${line}\n`
    if (this.#buffer.length >= bufferedCharacters) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffer)
    this.#buffer = ''
    this.#attempt(() => writeAll(this.#descriptor, bytes))
  }

  /** Throws the error of an earlier attempt, if there is one. */
  #attempt(act: () => void): void {
    if (this.#failure !== undefined) throw this.#failure
    try {
      guarded(this.file, unwritten, act)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }
}

/** Returns `stopped` for a journal's last line: the error codes that stopped accounts, or all of them. */
export function stoppedBy(report: RunReport): Record<string, string> {
  const stopped = report.accounts.flatMap(({ account, error }) => (error === undefined ? [] : [[account, error.code]]))
  return { ...Object.fromEntries(stopped), ...(report.error !== undefined && { '*': report.error.code }) }
}

/** Returns the line of an outcome. Built by hand, because there may be millions: `JSON.stringify` takes twice as long. */
export function journalLine(outcome: Outcome): string {
  const { status, account, object } = outcome
  const line = `{"status":"${status}","account":${jsonText(account)},"key":${jsonText(object.key)},"sizeBytes":${object.sizeBytes},"etag":${jsonText(object.etag)}`
  switch (outcome.status) {
    case 'done':
      return `${line},"bytes":${outcome.bytes}${detailFields(outcome.detail)}}`
    case 'skipped':
      return `${line},"reason":"${outcome.reason}"${detailFields(outcome.detail)}}`
    case 'failed':
      return `${line},"code":"${outcome.error.code}","message":${jsonText(outcome.error.message)}}`
  }
}

function detailFields(detail: OutcomeDetail | undefined): string {
  let fields = ''
  for (const name in detail) {
    const value = detail[name]
    const text =
      typeof value === 'string' ? jsonText(value) : Number.isSafeInteger(value) ? value : JSON.stringify(value)
    fields += `,"${name}":${text}`
  }
  return fields
}

const unwritten =
  'the journal may lack the last outcomes of the run; free some space, or give this user the right to write there'

function guarded<T>(file: string, hint: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    const failure = diskError(cause, file)
    // A full disk is always reported as such.
    if (failure.code === 'disk.full') throw failure
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CrosstrailError('disk.journal', `cannot write the journal ${file}: ${why}`, { hint, cause })
  }
}
