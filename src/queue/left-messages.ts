import { hourMs } from '../trail/calendar.ts'

/** Why a message stays in the queue. */
export const leaveReasons = ['unknown', 'foreign', 'absent', 'failed', 'interrupted'] as const
export type LeaveReason = (typeof leaveReasons)[number]

interface Left {
  readonly reason: LeaveReason
  readonly receives: number
  readonly atMs: number
}

const mostKept = 10_000
/** A message that was not delivered for so long is gone, for example to the dead-letter queue. */
const keptMs = hourMs

/** The messages that were left in a queue and not deleted since. */
export class LeftMessages {
  readonly #left = new Map<string, Left>()

  /** `receives`: how often it was delivered. */
  add(id: string, reason: LeaveReason, receives: number, nowMs: number): void {
    this.#left.delete(id)
    this.#left.set(id, { reason, receives, atMs: nowMs })
    const [oldest] = this.#left.keys()
    if (this.#left.size > mostKept && oldest !== undefined) this.#left.delete(oldest)
  }

  remove(id: string): void {
    this.#left.delete(id)
  }

  /** Returns how many there are for each reason, of those that were delivered more than `receives` times. */
  counts(nowMs: number, receives = 0): ReadonlyMap<LeaveReason, number> {
    const counts = new Map<LeaveReason, number>()
    for (const [id, left] of this.#left) {
      if (nowMs - left.atMs > keptMs) this.#left.delete(id)
      else if (left.receives > receives) counts.set(left.reason, (counts.get(left.reason) ?? 0) + 1)
    }
    return counts
  }
}
