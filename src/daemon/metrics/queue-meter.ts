import type { FeedNumbers, MessageFeed } from '../../queue/feed-message.ts'
import type { AnnouncedCounts, AnnouncedLedger } from '../../verbs/pull/queue/announced-ledger.ts'
import type { Heard } from '../../verbs/pull/queue/heard.ts'

export interface QueueNumbers {
  readonly feed: FeedNumbers
  readonly counts: AnnouncedCounts
  /** Whether all queues answered when they were last asked. */
  readonly isUp: boolean
  /** Since the process started: logs that were taken because a message announced them, and the sum of their delays. */
  readonly taken: number
  readonly delaySumMs: number
  readonly foreign: number
  /** Of the last pull that took any. */
  readonly longestDelayMs: number | undefined
}

interface Source {
  readonly feed: MessageFeed & { readonly problem: unknown }
  readonly ledger: AnnouncedLedger
}

/** Counts what queues announce. */
export class QueueMeter {
  readonly #source: Source
  #taken = 0
  #delaySumMs = 0
  #foreign = 0
  #longestDelayMs: number | undefined

  constructor(source: Source) {
    this.#source = source
  }

  heard({ taken, delaySumMs, longestDelayMs, foreign }: Heard): void {
    this.#taken += taken
    this.#delaySumMs += delaySumMs
    this.#foreign += foreign
    if (taken > 0) this.#longestDelayMs = longestDelayMs
  }

  numbers(): QueueNumbers {
    const { feed, ledger } = this.#source
    return {
      feed: feed.numbers(),
      counts: ledger.total,
      isUp: feed.problem === undefined,
      taken: this.#taken,
      delaySumMs: this.#delaySumMs,
      foreign: this.#foreign,
      longestDelayMs: this.#longestDelayMs,
    }
  }
}
