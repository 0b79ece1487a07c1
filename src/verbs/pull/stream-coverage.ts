import { dayMs, minuteMs } from '../../trail/calendar.ts'
import type { StreamName, StreamStatus } from './report.ts'
import { advance, type EndedListing, listFrom, type Marks, marksBefore, type Owed, type PullRules } from './rules.ts'
import { noRhythm, type Rhythm, rhythmAfter, rhythmBefore } from './rhythm.ts'
import { type SeenByDay, SeenKeys } from './seen.ts'

export interface Taken {
  readonly tail: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
}

/** How many dates are sorted at once. A first pull may have millions. */
const deliveriesAtOnce = 5000

/** What was taken of one log account, region and kind. Keys have no stream prefix here. */
export class StreamCoverage {
  readonly name: StreamName
  readonly prefix: string
  readonly seen: SeenKeys
  readonly owed: Map<string, Owed>
  /** Logs that a digest lists and the bucket does not have: full keys, with the times of their stamps. */
  readonly missing: Map<string, number>
  marks: Marks
  newestTakenMs: number | undefined
  objects: number
  bytes: number
  lastNewMs: number | undefined
  /** When it was last swept to its end, by this machine's clock. */
  lastSweepMs: number | undefined
  #rhythm: Rhythm
  #deliveries: number[] = []

  constructor(name: StreamName, prefix: string, line?: StreamLine) {
    this.name = name
    this.prefix = prefix
    this.marks = { throughMs: instant(line?.through), sweptMs: instant(line?.swept) }
    this.newestTakenMs = instant(line?.newest)
    // Older versions stored only the newest object taken.
    const newestMs = instant(line?.newestListed) ?? this.newestTakenMs
    this.#rhythm = { newestMs, longestGapMs: line?.longestGapMs ?? noRhythm.longestGapMs }
    this.objects = line?.objects ?? 0
    this.bytes = line?.bytes ?? 0
    this.lastNewMs = instant(line?.lastNew)
    this.lastSweepMs = instant(line?.lastSweep)
    this.owed = new Map(
      Object.entries(line?.owed ?? {}).map(([tail, { stamp, why }]) => [
        tail,
        { deliveredAtMs: Date.parse(stamp), why },
      ]),
    )
    this.missing = new Map(Object.entries(line?.missing ?? {}).map(([key, stamp]) => [key, Date.parse(stamp)]))
    this.seen = new SeenKeys(name, line?.seen)
  }

  /** How often the stream delivers. It counts what was listed, taken or not, because a failure here is not silence. */
  get rhythm(): Rhythm {
    const deliveries = this.#deliveries
    if (deliveries.length > 0) {
      this.#deliveries = []
      this.#rhythm = rhythmAfter(this.#rhythm, deliveries)
    }
    return this.#rhythm
  }

  /** Records that a listed object appeared at that time. The order does not matter. */
  delivered(atMs: number): void {
    if (atMs <= (this.#rhythm.newestMs ?? -Infinity)) return
    this.#deliveries.push(atMs)
    if (this.#deliveries.length >= deliveriesAtOnce) this.#rhythm = this.rhythm
  }

  take(taken: readonly Taken[], nowMs: number): void {
    const fresh = taken.filter(({ tail }) => !this.seen.has(tail))
    for (const { tail, sizeBytes, lastModifiedMs } of fresh) {
      this.seen.add(tail)
      this.owed.delete(tail)
      this.missing.delete(this.prefix + tail)
      this.objects++
      this.bytes += sizeBytes
      this.newestTakenMs = Math.max(this.newestTakenMs ?? 0, lastModifiedMs)
    }
    if (fresh.length > 0) this.lastNewMs = nowMs
  }

  /** Records the end of a listing. `met` holds the owed keys that were listed; the others no longer exist. Returns whether to save the change. */
  end(listing: EndedListing, met: ReadonlySet<string>, rules: PullRules, nowMs: number): boolean {
    const before = this.marks
    const owedBefore = this.owed.size
    const sweepFromMs = listFrom(before, [], rules, true)
    this.marks = advance(before, listing, sweepFromMs)
    const isSwept = rules.sweepMs > 0 && listing.fromMs <= sweepFromMs
    if (isSwept) this.lastSweepMs = nowMs
    for (const [tail, { deliveredAtMs }] of this.owed) {
      if (deliveredAtMs >= listing.fromMs && !met.has(tail)) this.owed.delete(tail)
    }
    const keptFromMs = listFrom(this.marks, this.owed.values(), rules, true)
    this.seen.forgetBefore(keptFromMs)
    for (const [key, stampMs] of this.missing) if (stampMs < keptFromMs) this.missing.delete(key)
    const { throughMs, sweptMs } = this.marks
    const isMoved = isAhead(throughMs, before.throughMs) || isAhead(sweptMs, before.sweptMs)
    return isMoved || isSwept || this.owed.size !== owedBefore
  }

  isAhead(instantMs: number): boolean {
    const { throughMs, sweptMs } = this.marks
    return [throughMs, sweptMs, this.newestTakenMs, this.rhythm.newestMs].some((mark = 0) => mark > instantMs)
  }

  /** Removes marks in the future. `presentMs` is the time by the store's clock. */
  recover(presentMs: number, rules: PullRules): void {
    const { throughMs = 0, sweptMs = 0 } = this.marks
    if (Math.max(throughMs, sweptMs) > presentMs) this.marks = marksBefore(this.marks, this.rhythm, rules, presentMs)
    this.#rhythm = rhythmBefore(this.rhythm, presentMs)
    if ((this.newestTakenMs ?? 0) > presentMs) this.newestTakenMs = this.#rhythm.newestMs
  }

  status(nowMs: number, before: { readonly objects: number; readonly bytes: number } = this): StreamStatus {
    // Marks of an older version may be in the future and are then not known. A day allows for this machine's clock to be wrong.
    const isKnown = !this.isAhead(nowMs + dayMs)
    const newestMs = isKnown ? this.newestTakenMs : undefined
    return {
      ...this.name,
      throughMs: isKnown ? this.marks.throughMs : undefined,
      newestDeliveredAtMs: newestMs,
      lagMs: newestMs === undefined ? undefined : Math.max(0, nowMs - newestMs),
      objects: this.objects,
      bytes: this.bytes,
      newObjects: this.objects - before.objects,
      newBytes: this.bytes - before.bytes,
      lastNewMs: this.lastNewMs,
      gaps: this.owed.size + this.missing.size,
    }
  }

  toJSON(): StreamLine {
    return {
      ...this.name,
      through: iso(this.marks.throughMs),
      swept: iso(this.marks.sweptMs),
      newest: iso(this.newestTakenMs),
      newestListed: iso(this.rhythm.newestMs),
      longestGapMs: this.rhythm.longestGapMs,
      objects: this.objects,
      bytes: this.bytes,
      lastNew: iso(this.lastNewMs),
      lastSweep: iso(this.lastSweepMs),
      owed: Object.fromEntries(
        [...this.owed].map(([tail, { deliveredAtMs, why }]) => [
          tail,
          { stamp: new Date(deliveredAtMs).toISOString(), why },
        ]),
      ),
      missing: Object.fromEntries([...this.missing].map(([key, stampMs]) => [key, new Date(stampMs).toISOString()])),
      seen: this.seen.toJSON(),
    }
  }
}

export interface StreamLine extends StreamName {
  readonly through?: string | undefined
  readonly swept?: string | undefined
  readonly newest?: string | undefined
  readonly newestListed?: string | undefined
  readonly longestGapMs: number
  readonly objects: number
  readonly bytes: number
  readonly lastNew?: string | undefined
  readonly lastSweep?: string | undefined
  readonly owed: Readonly<Record<string, { readonly stamp: string; readonly why: Owed['why'] }>>
  readonly missing: Readonly<Record<string, string>>
  readonly seen: SeenByDay
}

/** A mark is behind its listing by the listing's duration. So a faster listing of the same objects is not worth a save. */
function isAhead(markMs: number | undefined, beforeMs: number | undefined): boolean {
  return markMs !== undefined && markMs - (beforeMs ?? 0) >= minuteMs
}

function iso(instantMs: number | undefined): string | undefined {
  return instantMs === undefined ? undefined : new Date(instantMs).toISOString()
}

function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}
