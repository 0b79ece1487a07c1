import type { AnnouncedObject, Announcement } from './announced.ts'
import type { QueueClient } from './queue-client.ts'
import type { LeaveReason } from './left-messages.ts'

export interface FeedQueue {
  /** Its URL, for messages. */
  readonly url: string
  readonly client: QueueClient
}

export interface FeedOptions {
  readonly queues: readonly FeedQueue[]
  readonly read: (body: string) => Announcement
  /** True: it ends when the queues give nothing more. */
  readonly drain: boolean
  /** A message that was delivered more often is stuck. */
  readonly maxReceives: number
  readonly onNote: (code: string, message: string) => void
  /** How long a message in work is hidden from others. It is renewed in time. Default: 60. */
  readonly visibilitySeconds?: number | undefined
  /** How long a call may wait for a message. Default: 20, and 2 with `drain`. */
  readonly waitSeconds?: number | undefined
}

/** Messages of queues, one after the other. */
export interface MessageFeed {
  /**
   * Resolves with messages, or with none if `signal` is aborted, or if the queues are drained and the feed was opened to drain them. Rejects with the
   * error of a queue that cannot be drained.
   */
  next(signal: AbortSignal): Promise<readonly FeedMessage[]>
  numbers(nowMs?: number): FeedNumbers
}

/** A message that announces logs. Call `done` or `leave` once. */
export interface FeedMessage {
  readonly objects: readonly AnnouncedObject[]
  readonly sentAtMs: number | undefined
  /** Deletes it. */
  done(): void
  /** Leaves it in the queue. Others get it after a while, or at once if it was interrupted. */
  leave(reason: LeaveReason): void
}

export interface FeedNumbers {
  /** Since the start. */
  readonly received: number
  readonly deleted: number
  readonly left: ReadonlyMap<LeaveReason, number>
  /** Messages that announce no new object, such as test events. They were deleted. */
  readonly ignored: number
  /** Messages in work. */
  readonly inFlight: number
  /** The age of the oldest message in work, by the clock of this machine. Undefined if there is none. */
  readonly oldestMs: number | undefined
  /** Messages that were left and not deleted since: they are still in the queue, or in its dead-letter queue. */
  readonly remaining: ReadonlyMap<LeaveReason, number>
  /** Those of them that were delivered too often. */
  readonly stuck: ReadonlyMap<LeaveReason, number>
}
