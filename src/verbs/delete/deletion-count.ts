import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer } from '../../s3/delete-answers.ts'
import type { RunListener } from '../../work/run-event.ts'
import { mayHaveHappened } from './deletion.ts'

/** How messages name the deletions of a run, after a number and without one. */
export interface DeletionWords {
  /** `deletions were made`. */
  readonly made: string
  /** `nothing was deleted`. */
  readonly none: string
}

/** Counts the deletions of a run, so that a run that stops early can say how many it made. */
export class DeletionCount {
  readonly #words: DeletionWords
  readonly #journalFile: string | undefined
  #sent = 0
  #done = 0
  #refused = 0

  constructor(words: DeletionWords, journalFile: string | undefined) {
    this.#words = words
    this.#journalFile = journalFile
  }

  /** `count` deletions are in the journal, and are about to be sent. */
  send(count: number): void {
    this.#sent += count
  }

  settle(answer: DeleteAnswer): void {
    if (answer.status === 'deleted') this.#done++
    else if (!mayHaveHappened(answer.error.code)) this.#refused++
  }

  /**
   * The error that stopped the run, with the deletions made before it. Undefined if the caller stopped the run: the report says that.
   * Throws any other error than a CrosstrailError, because it is a bug, after a note that says what was done.
   */
  explain(
    error: unknown,
    { listener, signal }: { readonly listener: RunListener; readonly signal: AbortSignal },
  ): CrosstrailError | undefined {
    if (!(error instanceof CrosstrailError)) {
      const message = [this.#says(), this.#journal()].filter(Boolean).join('; ')
      listener({ type: 'note', level: 'warning', code: 'delete.stopped', message })
      throw error
    }
    if (error.code === 'interrupted' && signal.aborted) return undefined
    const hint = [this.#journal(), error.hint].filter(Boolean).join('; ')
    const facts = { ...error.facts, deletions: this.#done, unsure: this.#unsure(), journal: this.#journalFile }
    return new CrosstrailError(error.code, `${error.message}; ${this.#says()}`, { hint, facts, cause: error.cause })
  }

  /** Sent, and neither done nor refused. */
  #unsure(): number {
    return this.#sent - this.#done - this.#refused
  }

  /** Says that nothing was done only if no answer is missing. */
  #says(): string {
    const { made, none } = this.#words
    const unsure = this.#unsure()
    if (this.#done === 0 && unsure === 0) return none
    const before = `${this.#done} ${made} before that`
    return unsure === 0 ? before : `${before}, and ${unsure} more are unconfirmed`
  }

  #journal(): string {
    const isEmpty = this.#done === 0 && this.#unsure() === 0
    return isEmpty || this.#journalFile === undefined ? '' : `the journal ${this.#journalFile} lists them`
  }
}
