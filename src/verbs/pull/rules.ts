import type { Rhythm } from './rhythm.ts'

/** What of a pull's request decides what is taken. Times in milliseconds. */
export interface PullRules {
  /** Where the target's coverage begins: fixed by its first run. */
  readonly sinceMs: number
  readonly lookBackMs: number
  /** 0: no sweeps. */
  readonly sweepMs: number
}

/** How far a stream was listed, by S3's clock: the LastModified of objects. Undefined before its first listing came to an end. */
export interface Marks {
  /** All that had appeared by then was listed, from the look-back's start. */
  readonly throughMs?: number | undefined
  /** The same from the sweep's start. */
  readonly sweptMs?: number | undefined
}

/** An object that is listed and was not taken. */
export interface Owed {
  readonly deliveredAtMs: number
  readonly why: 'failed' | 'archived'
}

/**
 * The stamp from which a pull lists a stream. A log that was not listed yet appeared after the mark less the look-back, which allows for
 * objects that show later than their LastModified says. Its stamp is older than that by how late it came: up to the look-back for any
 * pull, up to the sweep for one that sweeps. What failed is listed again by every pull, what is archived by every sweep.
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
 * Whether a listed key is to be taken. "Young" is a LastModified at or after the older mark less the look-back, and never before since.
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

function youngFrom({ throughMs, sweptMs }: Marks, { sinceMs, lookBackMs }: PullRules): number {
  if (throughMs === undefined || sweptMs === undefined) return sinceMs
  return Math.max(sinceMs, Math.min(throughMs, sweptMs) - lookBackMs)
}

/** A listing of a stream that came to its end, each of its objects with an outcome. */
export interface EndedListing {
  readonly fromMs: number
  /** The youngest LastModified listed. Undefined where nothing was. */
  readonly newestMs?: number | undefined
  /** By a clock that only goes forward. */
  readonly durationMs: number
}

/**
 * The marks after a listing. The youngest object was there at its end; what appeared behind the listing's back did so while it lasted:
 * the mark stays that much behind. Marks never go back.
 */
export function advance(marks: Marks, listing: EndedListing, sweepFromMs: number): Marks {
  const { newestMs, durationMs, fromMs } = listing
  if (newestMs === undefined) return marks
  const reachedMs = newestMs - Math.ceil(durationMs)
  const throughMs = Math.max(marks.throughMs ?? 0, reachedMs)
  return { throughMs, sweptMs: fromMs <= sweepFromMs ? Math.max(marks.sweptMs ?? 0, reachedMs) : marks.sweptMs }
}

/**
 * Marks to go on from in place of marks that lie in the future. Both are a time by which all that had appeared was taken, and which the keys that
 * coverage still remembers reach back to: before the youngest object but one, as far as the longest wait tells (`rhythm`), and a sweep before
 * the false mark. No marks if that is no earlier than `presentMs`: then nothing is known.
 */
export function marksBefore(marks: Marks, rhythm: Rhythm, rules: PullRules, presentMs: number): Marks {
  const { throughMs = 0, sweptMs = throughMs } = marks
  const { newestMs = Infinity, longestGapMs } = rhythm
  const soundMs = Math.min(newestMs - longestGapMs, Math.min(throughMs, sweptMs) - rules.sweepMs)
  return soundMs < presentMs ? { throughMs: soundMs, sweptMs: soundMs } : {}
}

/** Whether a pull is to sweep: the first one, one that comes late enough after the last, and one that seems to come before it. */
export function isDue(lastMs: number | undefined, everyMs: number, nowMs: number): boolean {
  return lastMs === undefined || nowMs < lastMs || nowMs - lastMs >= everyMs
}
