import { setTimeout as sleep } from 'node:timers/promises'
import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { backoffMs, isPassing, type RetryPolicy } from '../../s3/retry.ts'
import type { Deletion } from './deletion.ts'
import type { KeyRate } from './key-rate.ts'

/** S3: the most keys of one DeleteObjects. */
export const mostKeysPerCall = 1_000
const callsInFlight = 4

export interface BatchesOptions {
  /** One attempt. Throws for a call that failed as a whole. */
  readonly send: (
    account: string,
    items: readonly DeleteItem[],
  ) => Promise<{ readonly answered: readonly DeleteAnswer[]; readonly unanswered: readonly DeleteItem[] }>
  /** Called before a batch is first sent: what it names must be on disk when it returns. */
  readonly intend: (batch: readonly Deletion[]) => void
  /** What became of one. Called once for each, but for those given up when the run is stopped. */
  readonly settle: (deletion: Deletion, answer: DeleteAnswer) => Promise<void> | void
  readonly rate: KeyRate
  readonly retry: RetryPolicy
  /** Aborted: takes no more batches, and waits no more to ask again. */
  readonly signal: AbortSignal
}

/**
 * Sends deletions in batches of one account, several in flight. What failed in passing or was not answered is asked again with full
 * jitter, the rest of its batch not. Throws what `intend` and `settle` throw, once what is in flight has ended.
 */
export async function deleteInBatches(
  deletions: Iterable<Deletion> | AsyncIterable<Deletion>,
  options: BatchesOptions,
): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const batch of batchesOf(deletions)) {
      while (inFlight.size >= callsInFlight) await Promise.race(inFlight)
      await wait(options.rate.take(batch.length), options.signal)
      if (options.signal.aborted || failure !== undefined) break
      options.intend(batch)
      const task = sendBatch(batch, options)
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => inFlight.delete(task))
      inFlight.add(task)
    }
  } finally {
    await Promise.all(inFlight)
  }
  if (failure !== undefined) throw failure.error
}

async function* batchesOf(
  deletions: Iterable<Deletion> | AsyncIterable<Deletion>,
): AsyncGenerator<readonly Deletion[]> {
  const byAccount = new Map<string, Deletion[]>()
  for await (const deletion of deletions) {
    const batch = byAccount.get(deletion.account) ?? []
    byAccount.set(deletion.account, batch)
    batch.push(deletion)
    if (batch.length < mostKeysPerCall) continue
    byAccount.delete(deletion.account)
    yield batch
  }
  yield* byAccount.values()
}

async function sendBatch(batch: readonly Deletion[], options: BatchesOptions): Promise<void> {
  const { retry, signal, rate } = options
  const account = batch[0]?.account ?? ''
  const byItem = new Map(batch.map((deletion) => [nameOf(deletion.item), deletion]))
  let left = batch
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > 1) {
      await wait(backoffMs(attempt - 1, retry, Math.random) + rate.take(left.length), signal)
      // What is given up for an interrupt is in the journal as intended.
      if (signal.aborted) return
    }
    const answers = await answersTo(account, left, options)
    rate.ended(answers.filter(isSlowDown).length / answers.length)
    const isLast = attempt >= retry.maxAttempts
    left = []
    const again: Deletion[] = []
    for (const answer of answers) {
      const deletion = byItem.get(nameOf(answer.item))
      if (deletion === undefined) continue
      if (answer.status === 'failed' && mayPass(answer.error) && !isLast) again.push(deletion)
      else await options.settle(deletion, answer)
    }
    left = again
  }
}

/** A session is renewed below; two that expire one after the other are bad luck. */
function mayPass(error: CrosstrailError): boolean {
  return error.code === 'access.session-expired' || isPassing(error)
}

/** An answer for each, whatever came back. */
async function answersTo(
  account: string,
  left: readonly Deletion[],
  options: BatchesOptions,
): Promise<readonly DeleteAnswer[]> {
  const items = left.map(({ item }) => item)
  try {
    const { answered } = await options.send(account, items)
    const named = new Set(answered.map(({ item }) => nameOf(item)))
    const missing = items.filter((item) => !named.has(nameOf(item)))
    return [...answered, ...missing.map((item) => failed(item, unanswered(item)))]
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    return items.map((item) => failed(item, error))
  }
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

async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs <= 0 || signal.aborted) return
  try {
    await sleep(delayMs, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
