import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { CrosstrailError } from '../error.ts'
import type { Outcome } from './outcome.ts'
import type { Tally } from './tally.ts'

const bufferedCharacters = 64 * 1024

/**
 * The NDJSON file of outcomes that a run leaves behind: a head line (`run`), a line per outcome, a last line (`finished`).
 * A run that was killed has no last line. Holds no secret. File 0600, folder 0700.
 */
export class Journal {
  readonly file: string
  readonly #descriptor: number
  #buffer = ''

  /** Throws CrosstrailError `disk.journal`. */
  constructor(file: string, head: Readonly<Record<string, unknown>>) {
    this.file = file
    this.#descriptor = guarded(file, () => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      return openSync(file, 'wx', 0o600)
    })
    this.#line({ journal: 'crosstrail', version: 1, ...head })
    this.#flush()
  }

  add(outcome: Outcome): void {
    this.#line(journalLine(outcome))
  }

  close(tally: Tally, interrupted: boolean): void {
    this.#line({ finished: new Date().toISOString(), interrupted, ...tally })
    this.#flush()
    guarded(this.file, () => {
      fsyncSync(this.#descriptor)
      closeSync(this.#descriptor)
    })
  }

  #line(line: Readonly<Record<string, unknown>>): void {
    this.#buffer += `${JSON.stringify(line)}\n`
    if (this.#buffer.length >= bufferedCharacters) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffer)
    this.#buffer = ''
    guarded(this.file, () => {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written)
    })
  }
}

/** An outcome as the journal and `--output json` write it. */
export function journalLine(outcome: Outcome): Record<string, unknown> {
  const { object } = outcome
  const line = {
    status: outcome.status,
    account: outcome.account,
    key: object.key,
    sizeBytes: object.sizeBytes,
    etag: object.etag,
  }
  switch (outcome.status) {
    case 'done':
      return { ...line, bytes: outcome.bytes, ...outcome.detail }
    case 'skipped':
      return { ...line, reason: outcome.reason, ...outcome.detail }
    case 'failed':
      return { ...line, code: outcome.error.code, message: outcome.error.message }
  }
}

function guarded<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new CrosstrailError(
      'disk.journal',
      `cannot write the journal ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'the journal says what a run did: a run without one is not begun',
        cause,
      },
    )
  }
}
