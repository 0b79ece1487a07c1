import type { QueueFeed } from '../../../queue/queue-feed.ts'
import type { AnnouncedLedger } from './announced-ledger.ts'

/** How a pull uses a queue that announces logs. */
export interface PullQueue {
  readonly feed: QueueFeed
  /** Pulls with one feed share one ledger. */
  readonly ledger: AnnouncedLedger
  /** `listen`: take what the queue announces. `list`: take what listings find, and compare it with what the queue announced. */
  readonly mode: 'listen' | 'list'
  /** How long a pull listens, unless the feed is drained before. */
  readonly forMs: number
  /** What becomes of a message about other keys: of another trail, not selected, or not readable. */
  readonly foreign: 'leave' | 'ack'
  /** A larger share of logs that only listings found is a finding: 0 to 1. */
  readonly maxMissed: number
}
