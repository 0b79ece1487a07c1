import type { CrosstrailError } from '../error.ts'
import type { QueueClient, ReceiptFailures } from './queue-client.ts'

/** Calls with several receipts cost as much as calls with one, so they wait for each other this long. */
const gatherMs = 100
const mostAtOnce = 10
/** A large commit ends hundreds of messages. */
const mostCalls = 16

export interface ReceiptsListener {
  /** Called for each message that stays as it is: the queue then delivers it again. */
  readonly onFailed: (error: CrosstrailError) => void
  /** Called as well if it should have been deleted. */
  readonly onKept: () => void
}

/** Deletes messages and hands them back, several in one call. */
export class Receipts {
  readonly #client: QueueClient
  readonly #listener: ReceiptsListener
  readonly #deletes: string[] = []
  /** By how long nobody shall get them. */
  readonly #leaves = new Map<number, string[]>()
  /** Calls that wait for others to end. */
  readonly #calls: (() => Promise<void>)[] = []
  readonly #sending = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(client: QueueClient, listener: ReceiptsListener) {
    this.#client = client
    this.#listener = listener
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
    const { onFailed, onKept } = this.#listener
    const deletes = this.#deletes.splice(0)
    if (deletes.length > 0) {
      this.#send(
        () => this.#client.delete(deletes),
        (error) => {
          onKept()
          onFailed(error)
        },
      )
    }
    for (const [seconds, receipts] of this.#leaves) {
      this.#send(() => this.#client.extend(receipts, seconds), onFailed)
    }
    this.#leaves.clear()
    while (this.#sending.size > 0) await Promise.all(this.#sending)
  }

  #gather(receipts: readonly string[]): void {
    if (receipts.length >= mostAtOnce) return void this.flush()
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs)
  }

  #send(call: () => Promise<ReceiptFailures>, onFailed: (error: CrosstrailError) => void): void {
    this.#calls.push(async () => {
      for (const error of (await call()).values()) onFailed(error)
    })
    this.#start()
  }

  #start(): void {
    while (this.#sending.size < mostCalls) {
      const call = this.#calls.shift()
      if (call === undefined) return
      const sent = call().finally(() => {
        this.#sending.delete(sent)
        this.#start()
      })
      this.#sending.add(sent)
    }
  }
}
