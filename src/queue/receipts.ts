import type { CrosstrailError } from '../error.ts'
import type { QueueClient, ReceiptFailures } from './queue-client.ts'

/** Calls with several receipts cost as much as calls with one, so they wait for each other this long. */
const gatherMs = 100
const mostAtOnce = 10

/** Deletes messages and hands them back, several in one call. */
export class Receipts {
  readonly #client: QueueClient
  readonly #onFailed: (error: CrosstrailError) => void
  readonly #deletes: string[] = []
  /** By how long nobody shall get them. */
  readonly #leaves = new Map<number, string[]>()
  readonly #sending = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  /** `onFailed` is called for each message that stays as it is: the queue then delivers it again. */
  constructor(client: QueueClient, onFailed: (error: CrosstrailError) => void) {
    this.#client = client
    this.#onFailed = onFailed
  }

  delete(receipt: string): void {
    this.#deletes.push(receipt)
    this.#gather(this.#deletes)
  }

  leave(receipt: string, afterSeconds: number): void {
    const receipts = this.#leaves.get(afterSeconds) ?? []
    this.#leaves.set(afterSeconds, receipts)
    receipts.push(receipt)
    this.#gather(receipts)
  }

  /** Resolves when everything so far was sent. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const deletes = this.#deletes.splice(0)
    if (deletes.length > 0) this.#send(this.#client.delete(deletes))
    for (const [seconds, receipts] of this.#leaves) this.#send(this.#client.extend(receipts, seconds))
    this.#leaves.clear()
    await Promise.all(this.#sending)
  }

  #gather(receipts: readonly string[]): void {
    if (receipts.length >= mostAtOnce) return void this.flush()
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs)
  }

  #send(call: Promise<ReceiptFailures>): void {
    const sent = this.#tellFailures(call).finally(() => this.#sending.delete(sent))
    this.#sending.add(sent)
  }

  async #tellFailures(call: Promise<ReceiptFailures>): Promise<void> {
    for (const error of (await call).values()) this.#onFailed(error)
  }
}
