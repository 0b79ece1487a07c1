/** What a pull did with announced logs. Times in milliseconds. */
export interface Heard {
  /** Logs that were taken because a message announced them. */
  readonly taken: number
  /** From the delivery of a log until it was durable and covered: the sum, and the longest. */
  readonly delaySumMs: number
  readonly longestDelayMs: number
  /** Keys of messages that another trail, or nobody here, reads. */
  readonly foreign: number
  /** Whether it ended because the feed was drained, and not by its time or an abort. */
  readonly isDrained: boolean
}
