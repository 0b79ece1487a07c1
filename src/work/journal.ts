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

/**
 * The NDJSON file of outcomes that a run leaves behind: a head line (`run`), a line per outcome, a last line (`finished`).
 * A run that was killed has no last line. Holds no secret. File 0600, folder 0700.
 */
export class Journal {
  readonly file: string
  readonly #descriptor: number
  #buffer = ''
  /** After a line that may be torn, no other may follow. */
  #failure: unknown

  /** Throws CrosstrailError `disk.full`, `disk.journal`. */
  constructor(file: string, head: Readonly<Record<string, unknown>>) {
    this.file = file
    this.#descriptor = guarded(file, 'make room for it, or give this user the right to write there', () => {
      makeNamedFolder(dirname(file))
      return openSync(file, 'wx', 0o600)
    })
    this.#line({ journal: 'crosstrail', version: 1, ...head })
    try {
      this.#flush()
    } catch (error) {
      // Nobody else can: there is no journal to close.
      closeSync(this.#descriptor)
      throw error
    }
  }

  add(outcome: Outcome): void {
    this.#write(journalLine(outcome))
  }

  /** Says what is about to be done to an object. On disk once `sync` has returned. */
  intend(account: string, { key, sizeBytes, etag }: Intended, versionId?: string): void {
    const at = new Date().toISOString()
    this.#line({ status: 'intended', account, key, sizeBytes, etag, ...(versionId !== undefined && { versionId }), at })
  }

  /** Returns when all lines so far are on disk, a power cut notwithstanding. Throws, too, where an earlier line is not. */
  sync(): void {
    this.#flush()
    this.#attempt(() => fsyncSync(this.#descriptor))
  }

  /** Keeps what was told so far, for a run that ends in a bug. Never throws: the bug is what must be told. */
  abandon(): void {
    try {
      this.#flush()
    } catch {
      // No line follows, which says that the run did not end well.
    }
  }

  /** `stopped` names what kept accounts, or the run, from going on, by error code. */
  close(
    tally: Tally & Pick<RunReport, 'verification'>,
    interrupted: boolean,
    stopped: Readonly<Record<string, string>> = {},
  ): void {
    try {
      // What failed was thrown when it did, and that there is no last line tells of it too.
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

  /** Throws what an earlier attempt did. */
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

/** What kept accounts from going on, or all of them, as a journal's last line has it. */
export function stoppedBy(report: RunReport): Record<string, string> {
  const stopped = report.accounts.flatMap(({ account, error }) => (error === undefined ? [] : [[account, error.code]]))
  return { ...Object.fromEntries(stopped), ...(report.error !== undefined && { '*': report.error.code }) }
}

/** Put together by hand, as there may be millions: `JSON.stringify` takes twice as long. */
function journalLine(outcome: Outcome): string {
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
  'it may lack the last of what the run did: make room for it, or give this user the right to write there'

function guarded<T>(file: string, hint: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    const failure = diskError(cause, file)
    // A full disk is told as one, whatever was to be written to it
    if (failure.code === 'disk.full') throw failure
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CrosstrailError('disk.journal', `cannot write the journal ${file}: ${why}`, { hint, cause })
  }
}
