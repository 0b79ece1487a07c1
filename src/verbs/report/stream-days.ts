import { dayMs } from '../../trail/calendar.ts'
import { CoveredTime } from './covered-time.ts'
import type { CellState } from './figures.ts'

/** What is known of the logs of one day. */
const logFlags = { verified: 1, listed: 2, noDigest: 4, pending: 8, late: 16, unverified: 32, missing: 64 } as const
export type LogFlag = keyof typeof logFlags

const firstRoom = 64

/** The days of one log account and region: a byte for each day, because there may be millions. */
export class StreamDays {
  #first = 0
  #flags = new Uint8Array()
  readonly #proven = new CoveredTime()
  #firstMs = Infinity

  /** The first thing that is known of it. */
  get firstMs(): number {
    return this.#firstMs
  }

  /** Notes something about the day of an instant. */
  note(atMs: number, flag: LogFlag): void {
    this.#firstMs = Math.min(this.#firstMs, atMs)
    const at = this.#roomFor(Math.floor(atMs / dayMs))
    this.#flags[at] = (this.#flags[at] ?? 0) | logFlags[flag]
  }

  /** Notes that a proven digest covers a span. */
  cover(startMs: number, endMs: number): void {
    this.#firstMs = Math.min(this.#firstMs, startMs)
    this.#proven.add(startMs, endMs)
  }

  /** Until when proven digests cover it; undefined if there are none. */
  get provenUntilMs(): number | undefined {
    return this.#proven.endMs
  }

  /** How many of these days have logs. */
  daysWithLogs(firstDay: number, endDay: number): number {
    let count = 0
    for (let day = firstDay; day < endDay; day++) if (this.#flagsOf(day) !== 0) count++
    return count
  }

  /** `expected` limits what is looked for: the window, and until when digests are due. */
  stateOf(day: number, expected: { readonly fromMs: number; readonly toMs: number }): CellState {
    const flags = this.#flagsOf(day)
    const has = (flag: LogFlag) => (flags & logFlags[flag]) !== 0
    if (has('missing')) return 'missing'
    if (has('unverified')) return 'unverified'
    if (has('late')) return 'late'
    if (has('pending')) return 'pending'
    if (has('noDigest')) return 'no-digests'
    if (has('listed')) return 'delivered'
    if (has('verified')) return 'verified'
    const [startMs, endMs] = [Math.max(expected.fromMs, day * dayMs), Math.min(expected.toMs, (day + 1) * dayMs)]
    if ((day + 1) * dayMs <= this.#firstMs) return 'none'
    if (endMs <= startMs) return 'pending'
    return this.#proven.covers(Math.max(startMs, this.#firstMs), endMs) ? 'quiet' : 'silent'
  }

  #flagsOf(day: number): number {
    return this.#flags[day - this.#first] ?? 0
  }

  /** Returns the index of a day, and makes room for it. */
  #roomFor(day: number): number {
    const { length } = this.#flags
    if (length === 0) this.#first = day
    const at = day - this.#first
    if (at >= 0 && at < length) return at
    const before = at < 0 ? Math.max(-at, firstRoom) : 0
    const flags = new Uint8Array(Math.max(length + before, at + before + 1, 2 * length, firstRoom))
    flags.set(this.#flags, before)
    this.#first -= before
    this.#flags = flags
    return day - this.#first
  }
}
