import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer } from '../../s3/delete-answers.ts'
import type { DeleteHost } from './deleting-host.ts'
import { mayHaveHappened } from './deletion.ts'

/** What a run calls its deletions, after a number and without one. */
export interface DeletionWords {
  /** `deletions were made`. */
  readonly made: string
  /** `nothing was deleted`. */
  readonly none: string
}

/** Counts the deletions of a run, so that a run which stops early can say how many it made. */
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

  /** So many are in the journal, and are about to be sent. */
  send(count: number): void {
    this.#sent += count
  }

  settle(answer: DeleteAnswer): void {
    if (answer.status === 'deleted') this.#done++
    else if (!mayHaveHappened(answer.error.code)) this.#refused++
  }

  /**
   * The error that stopped the run, with what was done before it. Undefined for the stop that was asked for: the report tells of it.
   * What is no CrosstrailError is a bug: it is thrown, and the rest is told as a note.
   */
  explain(error: unknown, { listener, signal }: Pick<DeleteHost, 'listener' | 'signal'>): CrosstrailError | undefined {
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

  /** That nothing was done is said only if no answer is missing. */
  #says(): string {
    const { made, none } = this.#words
    const unsure = this.#unsure()
    if (this.#done === 0 && unsure === 0) return none
    const before = `${this.#done} ${made} before`
    return unsure === 0 ? before : `${before}, and of ${unsure} more it is not known`
  }

  #journal(): string {
    const isEmpty = this.#done === 0 && this.#unsure() === 0
    return isEmpty || this.#journalFile === undefined ? '' : `the journal ${this.#journalFile} names each`
  }
}
