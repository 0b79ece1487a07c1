import { CrosstrailError } from '../error.ts'
import { minuteMs } from '../trail/calendar.ts'
import { regionPrefix } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { ListedBody } from './listed-body.ts'
import type { StreamName, StreamStatus } from './pull-report.ts'
import { advance, type EndedListing, listFrom, type Marks, type Owed, type PullRules } from './pull-rules.ts'
import { noRhythm, type Rhythm, rhythmAfter } from './pull-rhythm.ts'
import { type SeenByDay, SeenKeys } from './pull-seen.ts'

/** What one pull took of a stream and has safely put where it belongs. */
export interface Taken {
  readonly tail: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
}

/** What is taken of one log account, region and kind. Keys go without the stream's prefix. */
export class StreamCoverage {
  readonly name: StreamName
  /** Ends with a slash. */
  readonly prefix: string
  readonly seen: SeenKeys
  readonly owed: Map<string, Owed>
  /** Logs that a digest lists and the bucket lacks: whole keys, with the instants of their stamps. */
  readonly missing: Map<string, number>
  marks: Marks
  rhythm: Rhythm
  objects: number
  bytes: number
  lastNewMs: number | undefined
  /** When it was last swept to its end, by the clock here. */
  lastSweepMs: number | undefined

  constructor(name: StreamName, prefix: string, line?: StreamLine) {
    this.name = name
    this.prefix = prefix
    this.marks = { throughMs: instant(line?.through), sweptMs: instant(line?.swept) }
    this.rhythm = { newestMs: instant(line?.newest), longestGapMs: line?.longestGapMs ?? noRhythm.longestGapMs }
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

  take(taken: readonly Taken[], nowMs: number): void {
    const fresh = taken.filter(({ tail }) => !this.seen.has(tail))
    for (const { tail, sizeBytes } of fresh) {
      this.seen.add(tail)
      this.owed.delete(tail)
      this.missing.delete(this.prefix + tail)
      this.objects++
      this.bytes += sizeBytes
    }
    if (fresh.length > 0) this.lastNewMs = nowMs
    this.rhythm = rhythmAfter(
      this.rhythm,
      fresh.map(({ lastModifiedMs }) => lastModifiedMs),
    )
  }

  /** Returns whether anything changed that is worth writing. `met`: the owed keys that were listed; the others are no longer there. */
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

  status(nowMs: number, before: { readonly objects: number; readonly bytes: number } = this): StreamStatus {
    const { newestMs } = this.rhythm
    return {
      ...this.name,
      throughMs: this.marks.throughMs,
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
      newest: iso(this.rhythm.newestMs),
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

/** Which bucket and keys a coverage speaks of. */
export interface CoverageTrail {
  readonly bucket: string
  readonly prefix: string
  readonly organization?: string | undefined
}

/** All that one target has taken. */
export class Coverage {
  readonly trail: CoverageTrail
  readonly sinceMs: number
  readonly #streams = new Map<string, StreamCoverage>()
  /** What was taken lies there. Undefined before the first pull. */
  target: string | undefined
  /** When log accounts and regions were last looked for, and for what selection. */
  discovered: { readonly atMs: number; readonly scope: string } | undefined
  /** Digests that were taken and whose logs were not yet looked for, by key; as they were listed, if that is still known. */
  readonly uncheckedDigests: Map<string, ListedBody | undefined>
  /** What the sink wants to find again. */
  sink: unknown

  constructor(trail: CoverageTrail, sinceMs: number, body?: CoverageBody) {
    this.trail = trail
    this.sinceMs = sinceMs
    this.target = body?.target
    this.discovered =
      body?.discovered === undefined
        ? undefined
        : { atMs: Date.parse(body.discovered.at), scope: body.discovered.scope }
    this.uncheckedDigests = new Map(body?.uncheckedDigests?.map((key) => [key, undefined]))
    this.sink = body?.sink
    for (const line of body?.streams ?? []) this.stream(line, line)
  }

  get streams(): StreamCoverage[] {
    return [...this.#streams].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stream]) => stream)
  }

  find({ logAccount, region, kind }: StreamName): StreamCoverage | undefined {
    return this.#streams.get(`${logAccount}/${kind}/${region}`)
  }

  /** The stream, begun where there is none. */
  stream({ logAccount, region, kind }: StreamName, line?: StreamLine): StreamCoverage {
    const name = `${logAccount}/${kind}/${region}`
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      const layout: TrailLayout = this.trail
      stream = new StreamCoverage({ logAccount, region, kind }, regionPrefix(layout, logAccount, kind, region), line)
      this.#streams.set(name, stream)
    }
    return stream
  }

  /** A JSON object in text, a stream a line. */
  format(): string {
    const { bucket, prefix, organization } = this.trail
    const head: Omit<CoverageBody, 'streams'> = {
      trail: { bucket, prefix, organization },
      since: new Date(this.sinceMs).toISOString(),
      target: this.target,
      discovered: this.discovered && {
        at: new Date(this.discovered.atMs).toISOString(),
        scope: this.discovered.scope,
      },
      uncheckedDigests: [...this.uncheckedDigests.keys()],
      sink: this.sink,
    }
    const lines = this.streams.map((stream) => JSON.stringify(stream))
    return `${JSON.stringify(head).slice(0, -1)},\n"streams": [\n${lines.join(',\n')}\n]}\n`
  }
}

/** What `readCoverage` gave. Throws `coverage.other-trail` where it is another trail's. */
export function coverageOf(body: CoverageBody | undefined, trail: CoverageTrail): Coverage | undefined {
  if (body === undefined) return undefined
  const { bucket, prefix, organization } = body.trail
  if (bucket !== trail.bucket || prefix !== trail.prefix || organization !== trail.organization) {
    throw new CrosstrailError(
      'coverage.other-trail',
      `what was pulled here came from s3://${[bucket, prefix, organization].filter(Boolean).join('/')}, another trail`,
      { hint: 'give each trail a folder of its own', facts: { bucket, prefix, organization } },
    )
  }
  return new Coverage(trail, Date.parse(body.since), body)
}

interface StreamLine extends StreamName {
  readonly through?: string | undefined
  readonly swept?: string | undefined
  readonly newest?: string | undefined
  readonly longestGapMs: number
  readonly objects: number
  readonly bytes: number
  readonly lastNew?: string | undefined
  readonly lastSweep?: string | undefined
  readonly owed: Readonly<Record<string, { readonly stamp: string; readonly why: Owed['why'] }>>
  readonly missing: Readonly<Record<string, string>>
  readonly seen: SeenByDay
}

/** A coverage as its file has it. */
export interface CoverageBody {
  readonly trail: CoverageTrail
  readonly since: string
  readonly target?: string | undefined
  readonly discovered?: { readonly at: string; readonly scope: string } | undefined
  readonly uncheckedDigests?: readonly string[] | undefined
  readonly sink?: unknown
  readonly streams: readonly StreamLine[]
}

/** A mark lies behind its listing by how long that took: of two that list the same, the faster one alone is no news. */
function isAhead(markMs: number | undefined, beforeMs: number | undefined): boolean {
  return markMs !== undefined && markMs - (beforeMs ?? 0) >= minuteMs
}

function iso(instantMs: number | undefined): string | undefined {
  return instantMs === undefined ? undefined : new Date(instantMs).toISOString()
}

function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}
