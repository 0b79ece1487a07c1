import { CrosstrailError, type ErrorCode } from '../../src/error.ts'
import type { QueueClient, ReceivedMessage, ReceiptFailures, ReceiveOptions } from '../../src/queue/queue-client.ts'

/** A queue in memory. It gives each message once, unless the test sends it again. */
export class ScriptedQueue implements QueueClient {
  readonly receives: ReceiveOptions[] = []
  /** When each receive began, by the fake clock. */
  readonly receivedAtMs: number[] = []
  readonly deleted: string[] = []
  readonly extended: { readonly receipt: string; readonly seconds: number }[] = []
  /** Number of receipts in each call. */
  readonly batches: number[] = []
  /** Receives that have no answer yet. */
  polls = 0
  mostPolls = 0
  isClosed = false
  /** Each receive fails with it. */
  failure: CrosstrailError | undefined
  /** Receipts that can be neither deleted nor extended. */
  readonly stubborn = new Set<string>()
  /** An answer stays away until it is called, for example when it arrives after the end. */
  late: Promise<void> | undefined
  /** The same for receives that do not wait. */
  lateHelpers: Promise<void> | undefined
  /** A call that extends gets no answer before. */
  extending: Promise<void> | undefined
  #waiting: ReceivedMessage[] = []
  #wakes: (() => void)[] = []
  #sent = 0

  send(body: string, { id = `m${++this.#sent}`, receives = 1 } = {}): string {
    const receipt = `${id} of receive ${receives}`
    this.#waiting.push({ id, receipt, body, sentAtMs: Date.now(), receives })
    this.wake()
    return receipt
  }

  sendMany(count: number, body: string): string[] {
    return Array.from({ length: count }, () => this.send(body))
  }

  /** Ends long polls without a message. */
  wake(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async receive(options: ReceiveOptions, signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    this.receives.push(options)
    this.receivedAtMs.push(Date.now())
    this.mostPolls = Math.max(this.mostPolls, ++this.polls)
    try {
      await (options.waitSeconds === 0 ? (this.lateHelpers ?? this.late) : this.late)
      if (this.failure !== undefined) throw this.failure
      if (this.#waiting.length === 0 && options.waitSeconds > 0) await this.#wait(options.waitSeconds, signal)
      if (signal.aborted && this.late === undefined) throw new CrosstrailError('interrupted', 'stopped')
      if (this.failure !== undefined) throw this.failure
      return this.#waiting.splice(0, options.max)
    } finally {
      this.polls--
    }
  }

  delete(receipts: readonly string[]): Promise<ReceiptFailures> {
    this.batches.push(receipts.length)
    const failures = this.#failuresOf(receipts)
    this.deleted.push(...receipts.filter((receipt) => !failures.has(receipt)))
    return Promise.resolve(failures)
  }

  async extend(receipts: readonly string[], seconds: number): Promise<ReceiptFailures> {
    this.batches.push(receipts.length)
    this.extended.push(...receipts.map((receipt) => ({ receipt, seconds })))
    await this.extending
    return this.#failuresOf(receipts)
  }

  attributes(): never {
    throw new Error('a feed does not ask for attributes')
  }

  close(): void {
    this.isClosed = true
  }

  #failuresOf(receipts: readonly string[]): ReceiptFailures {
    const stubborn = receipts.filter((receipt) => this.stubborn.has(receipt))
    return new Map(stubborn.map((receipt) => [receipt, queueError('queue.receipt-expired')]))
  }

  #wait(seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      const wake = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#wakes.push(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

export function queueError(code: ErrorCode): CrosstrailError {
  return new CrosstrailError(code, `the queue answers with ${code}`)
}
