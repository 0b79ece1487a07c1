import type { MessageFeed } from '../../../queue/feed-message.ts'
import type { AnnouncedLedger } from './announced-ledger.ts'

/** How a pull uses a queue that announces logs. */
export interface PullQueue {
  readonly feed: MessageFeed
  /** Pulls with one feed share one ledger. */
  readonly ledger: AnnouncedLedger
  /** `listen`: take what the queue announces. `list`: take what listings find, and compare it with what the queue announced. */
  readonly mode: 'listen' | 'list'
  /** How long a pull listens, unless the feed is drained before. */
  readonly forMs: number
  /** What becomes of a message about other keys: of another trail, not selected, or not readable. */
  readonly foreign: 'leave' | 'ack'
  /** The least time between two commits of the coverage. Default: 200. */
  readonly commitEveryMs?: number | undefined
  /** A larger share of logs that only listings found is a finding: 0 to 1. */
  readonly maxMissed: number
}
