import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { isPassing, pause, retrying, type RetryPolicy } from '../../s3/retry.ts'
import { Admission } from '../../work/admission.ts'
import type { Deletion } from './deletion.ts'
import type { KeyRate } from './key-rate.ts'

/** S3: the most keys of one DeleteObjects. */
export const mostKeysPerCall = 1_000
export const callsInFlight = 4

export interface BatchesOptions {
  /** One attempt. Throws for a call that failed as a whole. */
  readonly send: (account: string, items: readonly DeleteItem[]) => Promise<readonly DeleteAnswer[]>
  /** Called before a batch is first sent: what it names must be on disk when it returns. Nothing is sent if it throws. */
  readonly intend: (batch: readonly Deletion[]) => void
  /** Hears the last answer for each, one after the other in a batch, and gives it back as it is to be told. */
  readonly settle: (deletion: Deletion, answer: DeleteAnswer) => Promise<DeleteAnswer> | DeleteAnswer
  readonly rate: KeyRate
  readonly retry: RetryPolicy
  /** Aborted: sends no more batches, and waits no more to ask again. */
  readonly signal: AbortSignal
}

interface Waiting {
  readonly deletion: Deletion
  readonly resolve: (answer: DeleteAnswer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers deletions of an account, and sends them in batches, several in flight. What failed in passing or was not answered is asked again
 * with full jitter, the rest of its batch not.
 */
export class DeletionBatches {
  readonly #options: BatchesOptions
  readonly #gathered = new Map<string, Waiting[]>()
  readonly #calls = new Admission({ maxTasks: callsInFlight, maxBytes: 0 })

  constructor(options: BatchesOptions) {
    this.#options = options
  }

  /** The last answer for it. Rejects with `interrupted` if it is given up, and with what `intend` throws. */
  add(deletion: Deletion): Promise<DeleteAnswer> {
    const { account } = deletion
    return new Promise((resolve, reject) => {
      const batch = this.#gathered.get(account) ?? []
      this.#gathered.set(account, batch)
      batch.push({ deletion, resolve, reject })
      if (batch.length === mostKeysPerCall) this.flush(account)
    })
  }

  /** Sends what was gathered, though it is no full batch. */
  flush(account: string): void {
    const batch = this.#gathered.get(account)
    this.#gathered.delete(account)
    if (batch !== undefined) void this.#run(account, batch)
  }

  async #run(account: string, batch: readonly Waiting[]): Promise<void> {
    const { rate, signal, intend } = this.#options
    while (!this.#calls.enter(0)) await this.#calls.room()
    try {
      await pause(rate.take(batch.length), signal)
      intend(batch.map(({ deletion }) => deletion))
      await this.#send(account, batch)
    } catch (error) {
      // What was answered has its answer. What is given up is in the journal as intended, if it was sent.
      for (const { reject } of batch) reject(error)
    }
    this.#calls.leave(0)
  }

  async #send(account: string, batch: readonly Waiting[]): Promise<void> {
    const { rate, retry, signal, settle } = this.#options
    let left = batch
    const attempt = async (number: number): Promise<void> => {
      if (number > 1) await pause(rate.take(left.length), signal)
      const answered = await this.#answers(account, left)
      rate.ended(answered.filter(({ answer }) => isSlowDown(answer)).length / answered.length)
      const again: Waiting[] = []
      let passing: CrosstrailError | undefined
      for (const { one, answer } of answered) {
        if (answer.status === 'failed' && mayPass(answer.error) && number < retry.maxAttempts) {
          again.push(one)
          passing = answer.error
        } else one.resolve(await settle(one.deletion, answer))
      }
      left = again
      if (passing !== undefined) throw passing
    }
    await retrying(attempt, retry, signal, mayPass)
  }

  /** An answer for each, whatever came back. */
  async #answers(
    account: string,
    left: readonly Waiting[],
  ): Promise<readonly { one: Waiting; answer: DeleteAnswer }[]> {
    try {
      const answers = await this.#options.send(
        account,
        left.map(({ deletion }) => deletion.item),
      )
      // If an item is named twice, the first answer is believed: it is the worse.
      const byName = new Map(answers.toReversed().map((answer) => [nameOf(answer.item), answer]))
      return left.map((one) => {
        const { item } = one.deletion
        return { one, answer: byName.get(nameOf(item)) ?? failed(item, unanswered(item)) }
      })
    } catch (error) {
      if (!(error instanceof CrosstrailError) || error.code === 'interrupted') throw error
      return left.map((one) => ({ one, answer: failed(one.deletion.item, error) }))
    }
  }
}

/** A session that has expired is renewed for the next call. */
function mayPass(error: unknown): boolean {
  return isPassing(error) || (error instanceof CrosstrailError && error.code === 'access.session-expired')
}

function failed(item: DeleteItem, error: CrosstrailError): DeleteAnswer {
  return { status: 'failed', item, error }
}

function isSlowDown(answer: DeleteAnswer): boolean {
  return answer.status === 'failed' && answer.error.code === 'bucket.slow-down'
}

function unanswered({ key }: DeleteItem): CrosstrailError {
  return new CrosstrailError('network.short-answer', `DeleteObjects did not say what became of ${key}`, {
    hint: 'it may be gone: run it again to know',
  })
}

function nameOf({ key, versionId }: DeleteItem): string {
  return versionId === undefined ? key : `${key}\n${versionId}`
}
