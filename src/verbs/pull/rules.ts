import { dayMs } from '../../trail/calendar.ts'
import type { Rhythm } from './rhythm.ts'

/** The part of a pull's request that decides what is taken. Times in milliseconds. */
export interface PullRules {
  /** Where the target's coverage begins. The first run sets it. */
  readonly sinceMs: number
  readonly lookBackMs: number
  /** 0: no sweeps. */
  readonly sweepMs: number
}

/** How far a stream was listed, by S3's clock (the LastModified of objects). Undefined before its first listing reached the end. */
export interface Marks {
  /** Everything that appeared before it was listed, from the start of the look-back. */
  readonly throughMs?: number | undefined
  /** The same, from the start of the sweep. */
  readonly sweptMs?: number | undefined
}

export interface Owed {
  readonly deliveredAtMs: number
  readonly why: 'failed' | 'archived'
}

/**
 * Returns the stamp from which a pull lists a stream. A log that was not listed yet appeared after the mark minus the look-back, because an object
 * may become visible later than its LastModified. Its stamp is older by the delay of its delivery: up to the look-back for any pull, up to
 * the sweep for a sweep. Every pull lists failed objects again. Every sweep lists archived objects again.
 *
 * | first listing ended | sweep | from                                                        |
 * | ------------------- | ----- | ----------------------------------------------------------- |
 * | no                  |       | since - look-back - sweep                                   |
 * | yes                 | no    | through - look-back, or the oldest that failed              |
 * | yes                 | yes   | swept - look-back - sweep, or the oldest that is owed       |
 */
export function listFrom(marks: Marks, owed: Iterable<Owed>, rules: PullRules, sweep: boolean): number {
  const far = sweep || marks.throughMs === undefined
  let fromMs =
    far || marks.throughMs === undefined
      ? (marks.sweptMs ?? rules.sinceMs) - rules.lookBackMs - rules.sweepMs
      : marks.throughMs - rules.lookBackMs
  for (const { deliveredAtMs, why } of owed) if (far || why === 'failed') fromMs = Math.min(fromMs, deliveredAtMs)
  return Math.max(0, fromMs)
}

export interface KeyFacts {
  /** An earlier pull took it, as the stream's coverage remembers. */
  readonly seen: boolean
  readonly owed: boolean
  readonly deliveredAtMs: number
  readonly lastModifiedMs: number
}

/**
 * Returns whether to take a listed key. "Young" means a LastModified at or after the older mark minus the look-back, and not before since.
 *
 * | seen | owed | first listing ended | stamp at or after since | young | decision |
 * | ---- | ---- | ------------------- | ----------------------- | ----- | -------- |
 * | yes  |      |                     |                         |       | covered  |
 * | no   | yes  |                     |                         |       | take     |
 * | no   | no   | no                  | yes                     |       | take     |
 * | no   | no   | no                  | no                      | yes   | take     |
 * | no   | no   | no                  | no                      | no    | covered  |
 * | no   | no   | yes                 |                         | yes   | take     |
 * | no   | no   | yes                 |                         | no    | covered  |
 */
export function decideKey(key: KeyFacts, marks: Marks, rules: PullRules): 'take' | 'covered' {
  if (key.seen) return 'covered'
  if (key.owed) return 'take'
  if (marks.throughMs === undefined && key.deliveredAtMs >= rules.sinceMs) return 'take'
  return key.lastModifiedMs >= youngFrom(marks, rules) ? 'take' : 'covered'
}

/** For so long CloudTrail tries to deliver a log. */
const latestDeliveryMs = 30 * dayMs

/**
 * Returns whether a log is too late to be new: it was written again, for example with another encryption, and pulls no longer remember its key. No
 * listing goes back that far, but a queue announces it. `listedFromMs` is the start of the longest listing.
 */
export function isWrittenAgain(
  { deliveredAtMs, lastModifiedMs }: Pick<KeyFacts, 'deliveredAtMs' | 'lastModifiedMs'>,
  listedFromMs: () => number,
): boolean {
  return lastModifiedMs - deliveredAtMs > latestDeliveryMs && deliveredAtMs < listedFromMs()
}

function youngFrom({ throughMs, sweptMs }: Marks, { sinceMs, lookBackMs }: PullRules): number {
  if (throughMs === undefined || sweptMs === undefined) return sinceMs
  return Math.max(sinceMs, Math.min(throughMs, sweptMs) - lookBackMs)
}

/** A listing of a stream that reached its end, with an outcome for each object. */
export interface EndedListing {
  readonly fromMs: number
  /** The newest LastModified listed. Undefined if nothing was listed. */
  readonly newestMs?: number | undefined
  readonly durationMs: number
}

/**
 * Returns the marks after a listing. An object may appear before the listing's position while the listing runs, so the mark stays behind the newest
 * object by the listing's duration. Marks never go back.
 */
export function advance(marks: Marks, listing: EndedListing, sweepFromMs: number): Marks {
  const { newestMs, durationMs, fromMs } = listing
  if (newestMs === undefined) return marks
  const reachedMs = newestMs - Math.ceil(durationMs)
  const throughMs = Math.max(marks.throughMs ?? 0, reachedMs)
  return { throughMs, sweptMs: fromMs <= sweepFromMs ? Math.max(marks.sweptMs ?? 0, reachedMs) : marks.sweptMs }
}

/**
 * Returns marks to replace marks in the future. Everything that appeared before the new marks was taken, and the keys that coverage remembers reach
 * back that far: to before the newest object but one, by the longest gap of `rhythm`, and to one sweep before the false mark. Returns no marks
 * if that is not earlier than `presentMs`, because then nothing is known.
 */
export function marksBefore(marks: Marks, rhythm: Rhythm, rules: PullRules, presentMs: number): Marks {
  const { throughMs = 0, sweptMs = throughMs } = marks
  const { newestMs = Infinity, longestGapMs } = rhythm
  const soundMs = Math.min(newestMs - longestGapMs, Math.min(throughMs, sweptMs) - rules.sweepMs)
  return soundMs < presentMs ? { throughMs: soundMs, sweptMs: soundMs } : {}
}

/** Returns whether a pull sweeps: if it is the first, if the last sweep is old enough, or if the clock went back behind the last sweep. */
export function isDue(lastMs: number | undefined, everyMs: number, nowMs: number): boolean {
  return lastMs === undefined || nowMs < lastMs || nowMs - lastMs >= everyMs
}
