import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { isPassing, pause, retrying, type RetryPolicy } from '../../s3/retry.ts'
import { Admission } from '../../work/admission.ts'
import type { Deletion } from './deletion.ts'
import type { KeyRate } from './key-rate.ts'
import type { PlanFacts } from './plan-facts.ts'

/** The limit of S3 for the keys of one DeleteObjects. */
export const mostKeysPerCall = 1_000
export const callsInFlight = 4

export function callsFor({ planned }: PlanFacts): number {
  return Math.ceil(planned.deletions / mostKeysPerCall)
}

export interface BatchesOptions {
  /** Makes one attempt. Throws if the call fails as a whole. */
  readonly send: (account: string, items: readonly DeleteItem[]) => Promise<readonly DeleteAnswer[]>
  /** Called before a batch is first sent. The batch must be in the journal, on disk, when it returns. Nothing is sent if it throws. */
  readonly intend: (batch: readonly Deletion[]) => void
  /** Called with the last answer for each deletion. */
  readonly settle: (answer: DeleteAnswer) => void
  readonly rate: KeyRate
  readonly retry: RetryPolicy
  /** Aborted: sends no more batches, and does not wait to retry. */
  readonly signal: AbortSignal
}

interface Waiting {
  readonly deletion: Deletion
  readonly resolve: (answer: DeleteAnswer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers the deletions of each account and sends them in batches, several at a time. Within a batch, only items that failed for a passing
 * reason, or got no answer, are retried, with full jitter.
 */
export class DeletionBatches {
  readonly #options: BatchesOptions
  readonly #gathered = new Map<string, Waiting[]>()
  readonly #calls = new Admission({ maxTasks: callsInFlight, maxBytes: 0 })

  constructor(options: BatchesOptions) {
    this.#options = options
  }

  /** Resolves with the last answer. Rejects with `interrupted` if the deletion is given up, and with what `intend` throws. */
  add(deletion: Deletion): Promise<DeleteAnswer> {
    const { account } = deletion
    return new Promise((resolve, reject) => {
      const batch = this.#gathered.get(account) ?? []
      this.#gathered.set(account, batch)
      batch.push({ deletion, resolve, reject })
      if (batch.length === mostKeysPerCall) this.flush(account)
    })
  }

  /** Sends what was gathered, even if the batch is not full. */
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
      // Answered deletions are settled already. Those that are given up are in the journal as intended if they were sent.
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
        } else {
          settle(answer)
          one.resolve(answer)
        }
      }
      left = again
      if (passing !== undefined) throw passing
    }
    await retrying(attempt, retry, signal, mayPass)
  }

  /** One answer for each item, even if S3 sent none. */
  async #answers(
    account: string,
    left: readonly Waiting[],
  ): Promise<readonly { one: Waiting; answer: DeleteAnswer }[]> {
    try {
      const answers = await this.#options.send(
        account,
        left.map(({ deletion }) => deletion.item),
      )
      // If an item is named twice, the first answer counts, because failures come first.
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

/** An expired session is renewed for the next call. */
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
  return new CrosstrailError('network.short-answer', `the answer to DeleteObjects does not mention ${key}`, {
    hint: 'it may be deleted or not: run the same command again to find out',
  })
}

function nameOf({ key, versionId }: DeleteItem): string {
  return versionId === undefined ? key : `${key}\n${versionId}`
}
