import type { CrosstrailError } from '../error.ts'

export interface ReceivedMessage {
  readonly id: string
  /** What deletes or extends this message. Each receive gives a new one. */
  readonly receipt: string
  readonly body: string
  readonly sentAtMs: number | undefined
  /** How often the message was received, with this time: 1 for the first. */
  readonly receives: number
}

export interface ReceiveOptions {
  /** The most messages, 1 to 10. */
  readonly max: number
  /** How long no one else gets them, 0 to 43,200. */
  readonly visibilitySeconds: number
  /** How long to wait for the first message, 0 to 20. */
  readonly waitSeconds: number
}

/** The settings of a queue, and how full it is. SQS's counts are approximate. */
export interface QueueAttributes {
  readonly arn: string
  /** Messages that can be received now. */
  readonly visible: number
  /** Messages that were received and are neither deleted nor visible again. */
  readonly inFlight: number
  readonly delayed: number
  /** The usual time for which a received message is invisible. */
  readonly visibilitySeconds: number
  readonly retentionSeconds: number | undefined
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceives: number } | undefined
  /** The queue's policy as JSON. */
  readonly policy: string | undefined
  /** The KMS key that encrypts messages. */
  readonly kmsKey: string | undefined
  readonly sqsManagedEncryption: boolean
}

/** What could not be done, by receipt. */
export type ReceiptFailures = ReadonlyMap<string, CrosstrailError>

/**
 * One queue. Each call repeats temporary failures a few times, and renews expired keys once. Errors are `queue.…`, `access.…`, `config.endpoint`
 * and `interrupted`.
 */
export interface QueueClient {
  /** Returns the messages that are there, none if there are none within `waitSeconds`. An abort ends the wait at once with `interrupted`. */
  receive(options: ReceiveOptions, signal: AbortSignal): Promise<readonly ReceivedMessage[]>
  /** Deletes any number of messages, ten with each call. Returns the receipts that could not be deleted, with the reason. Never rejects. */
  delete(receipts: readonly string[]): Promise<ReceiptFailures>
  /** Makes any number of messages invisible for so many more seconds from now; 0 gives them back at once. Returns the receipts for which it failed. Never rejects. */
  extend(receipts: readonly string[], visibilitySeconds: number): Promise<ReceiptFailures>
  attributes(): Promise<QueueAttributes>
  /** Closes the connections. Calls that are under way fail. */
  close(): void
}
