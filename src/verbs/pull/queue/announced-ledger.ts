import type { Finding } from '../report.ts'
import { ownText } from '../../../trail/own-text.ts'

export interface AnnouncedCounts {
  /** Logs that the queue announced. */
  readonly announced: number
  /** Logs that only a listing found. */
  readonly unannounced: number
}

const mostKept = 200_000

/** Compares what a queue announces with what listings find. It outlives single pulls. */
export class AnnouncedLedger {
  /** The findings of the last listing that a pull which listens cannot see. */
  listedFindings: readonly Finding[] = []
  readonly #sinceMs: number
  readonly #graceMs: number
  /** Logs that a listing found first, with their LastModified. Their messages may still come. */
  readonly #listed = new Map<string, number>()
  #announced = 0
  #judged: AnnouncedCounts = { announced: 0, unannounced: 0 }
  #total: AnnouncedCounts = { announced: 0, unannounced: 0 }

  /** `sinceMs`: when receiving began. Older logs were announced to nobody. `graceMs`: how long after its delivery a log may be announced. */
  constructor(sinceMs: number, graceMs: number) {
    this.#sinceMs = sinceMs
    this.#graceMs = graceMs
  }

  /** A listing found a log that no message had announced. */
  listed(key: string, lastModifiedMs: number): void {
    if (lastModifiedMs >= this.#sinceMs && this.#listed.size < mostKept) this.#listed.set(ownText(key), lastModifiedMs)
  }

  /** A message announced a log. `isTaken`: the pull took it because of the message. */
  announced(key: string, isTaken: boolean): void {
    if (this.#listed.delete(key) || isTaken) this.#announced++
  }

  /** Counts the logs since the last call, after a listing. Logs whose message may still come count next time. */
  judge(nowMs: number): AnnouncedCounts {
    let unannounced = 0
    for (const [key, lastModifiedMs] of this.#listed) {
      if (lastModifiedMs > nowMs - this.#graceMs) continue
      this.#listed.delete(key)
      unannounced++
    }
    this.#judged = { announced: this.#announced, unannounced }
    this.#total = added(this.#total, this.#judged)
    this.#announced = 0
    return this.#judged
  }

  /** The result of the last `judge`. */
  get judged(): AnnouncedCounts {
    return this.#judged
  }

  /** Since receiving began. */
  get total(): AnnouncedCounts {
    return added(this.#total, { announced: this.#announced, unannounced: 0 })
  }
}

function added(one: AnnouncedCounts, other: AnnouncedCounts): AnnouncedCounts {
  return { announced: one.announced + other.announced, unannounced: one.unannounced + other.unannounced }
}
