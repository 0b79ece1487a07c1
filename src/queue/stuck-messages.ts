import { hourMs } from '../trail/calendar.ts'

/** Why a message stays in the queue. */
export const leaveReasons = ['unknown', 'foreign', 'absent', 'failed', 'interrupted'] as const
export type LeaveReason = (typeof leaveReasons)[number]

interface Stuck {
  readonly reason: LeaveReason
  readonly atMs: number
}

const mostKept = 10_000
/** A message that was not delivered for so long is gone, for example to the dead-letter queue. */
const keptMs = hourMs

/** The messages that were delivered too often and are still in the queue. */
export class StuckMessages {
  readonly #stuck = new Map<string, Stuck>()

  add(id: string, reason: LeaveReason, nowMs: number): void {
    this.#stuck.delete(id)
    this.#stuck.set(id, { reason, atMs: nowMs })
    const [oldest] = this.#stuck.keys()
    if (this.#stuck.size > mostKept && oldest !== undefined) this.#stuck.delete(oldest)
  }

  remove(id: string): void {
    this.#stuck.delete(id)
  }

  /** Returns how many there are for each reason. */
  counts(nowMs: number): ReadonlyMap<LeaveReason, number> {
    const counts = new Map<LeaveReason, number>()
    for (const [id, { reason, atMs }] of this.#stuck) {
      if (nowMs - atMs > keptMs) this.#stuck.delete(id)
      else counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
    return counts
  }
}
