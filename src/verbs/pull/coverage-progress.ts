import { minuteMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { ownText } from '../../trail/own-text.ts'
import type { Slice } from '../../trail/slice.ts'
import type { Outcome, SkipReason } from '../../work/outcome.ts'
import type { ListedBody } from '../../sinks/listed-body.ts'
import type { Coverage } from './coverage.ts'
import type { StreamCoverage, Taken } from './stream-coverage.ts'
import type { StreamName } from './report.ts'
import { decideKey, type EndedListing, isWrittenAgain, listFrom, type Owed, type PullRules } from './rules.ts'

export interface ProgressOptions {
  readonly coverage: Coverage
  readonly rules: PullRules
  /** Resolves when everything that arrived is durable. Returns what the sink wants to get back in the next pull. */
  readonly flush: () => Promise<unknown>
  /** Replaces the previous coverage durably. */
  readonly save: (body: string) => Promise<void> | void
  readonly committed: () => Promise<void> | void
  /** A commit is due after this many objects, or after some seconds. */
  readonly objectsPerCommit: number
  readonly nowMs: () => number
  /** Called once for each stream with a log whose date is later than the store's clock. */
  readonly onFuture: (object: LogObject, presentMs: number) => void
}

interface Pending {
  readonly taken: Taken[]
  readonly owed: Map<string, Owed>
  ended?: { readonly listing: EndedListing; readonly met: ReadonlySet<string> } | undefined
}

interface OpenListing {
  readonly fromMs: number
  readonly startedAt: number
  readonly met: Set<string>
  newestMs: number | undefined
  spoiled: boolean
  isFutureTold: boolean
}

const leastCommitPauseMs = 5000
/** The clocks of a store's machines differ by seconds. */
const usualSkewMs = minuteMs
/** A commit writes the whole coverage. It may take one twentieth of the time. */
const pausePerCost = 20

/** Follows a pull and advances coverage in commits. A commit first makes what arrived durable, then writes the coverage that names it. */
export class PullProgress {
  readonly #options: ProgressOptions
  readonly #listings = new Map<StreamCoverage, OpenListing>()
  readonly #listed = new Map<StreamCoverage, number>()
  #pending = new Map<StreamCoverage, Pending>()
  #objects = 0
  #digests: ListedBody[] = []
  #committing: Promise<void> = Promise.resolve()
  #idle = true
  #nextAt = performance.now() + leastCommitPauseMs
  #failure: unknown
  #saveMs = 0
  /** The time by the store's clock. No object is newer, whatever its date says. */
  #presentMs: number

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#presentMs = options.nowMs()
  }

  /** Sets the store's time. Call it before the objects of the same answer. */
  answered(atMs: number): void {
    this.#presentMs = atMs
  }

  listing(slice: Slice): void {
    this.#listings.set(this.#options.coverage.stream(slice), {
      fromMs: slice.window.fromMs ?? 0,
      startedAt: performance.now(),
      met: new Set(),
      newestMs: undefined,
      spoiled: false,
      isFutureTold: false,
    })
  }

  decide(object: LogObject): { readonly decision: 'take' | 'covered'; readonly seen: boolean } {
    const stream = this.#options.coverage.stream(object)
    const tail = object.key.slice(stream.prefix.length)
    const listing = this.#listings.get(stream)
    if (listing !== undefined) {
      if (stream.owed.has(tail)) listing.met.add(ownText(tail))
      listing.newestMs = Math.max(listing.newestMs ?? 0, this.#appearedAt(object))
    }
    const seen = stream.seen.has(tail)
    const { deliveredAtMs, lastModifiedMs } = object
    const facts = { seen, owed: stream.owed.has(tail), deliveredAtMs, lastModifiedMs }
    const { rules } = this.#options
    const listedFrom = () => listFrom(stream.marks, stream.owed.values(), rules, true)
    const decision = isWrittenAgain(object, listedFrom) ? 'covered' : decideKey(facts, stream.marks, rules)
    // An owed object with a date in the future would count as new in each pull.
    const isNews = decision === 'take' && (!facts.owed || lastModifiedMs <= this.#presentMs)
    if (isNews) stream.delivered(this.#appearedAt(object))
    if (listing !== undefined && decision === 'take') this.#tellFuture(object, listing)
    return { decision, seen }
  }

  /** Whether an earlier pull, or this one before its last commit, took the key. */
  isSeen(name: StreamName, key: string): boolean {
    const stream = this.#options.coverage.find(name)
    return stream?.seen.has(key.slice(stream.prefix.length)) === true
  }

  outcome(outcome: Outcome): void {
    const { logAccount, region, kind, deliveredAtMs, key, sizeBytes, etag } = outcome.object
    if (logAccount === undefined || region === undefined || kind === undefined || deliveredAtMs === undefined) return
    const stream = this.#options.coverage.stream({ logAccount, region, kind })
    const tail = () => ownText(key.slice(stream.prefix.length))
    const progress = progressOf(outcome)
    switch (progress) {
      case 'taken':
        if (kind !== 'digest' && !stream.seen.has(tail())) {
          this.#options.coverage.verified.reopen(stream.name, deliveredAtMs)
        }
        this.#of(stream).taken.push({ tail: tail(), sizeBytes, lastModifiedMs: this.#appearedAt(outcome.object) })
        if (kind === 'digest' && outcome.status === 'done') {
          this.#digests.push({ key: ownText(key), sizeBytes, etag: ownText(etag) })
        }
        break
      case 'covered':
        return
      case 'open': {
        const listing = this.#listings.get(stream)
        if (listing !== undefined) listing.spoiled = true
        return
      }
      case 'failed':
      case 'archived':
        this.#of(stream).owed.set(tail(), { deliveredAtMs, why: progress })
        this.#listings.get(stream)?.met.add(tail())
    }
    this.#objects++
    if (!this.#idle || this.#failure !== undefined || !this.#isTime()) return
    this.#idle = false
    // The next commit rejects with the same error.
    this.commit().catch(() => undefined)
  }

  /** Records that a stream's listing reached its end, and that each of its objects has an outcome. */
  ended(name: StreamName): void {
    const stream = this.#options.coverage.stream(name)
    const listing = this.#listings.get(stream)
    this.#listings.delete(stream)
    this.#listed.set(stream, this.#options.nowMs())
    if (listing === undefined || listing.spoiled) return
    const { fromMs, newestMs, startedAt, met } = listing
    const durationMs = performance.now() - startedAt
    this.#of(stream).ended = { listing: { fromMs, newestMs, durationMs }, met }
  }

  /** Whether this pull listed the stream to its end. Only then does "nothing new" mean that nothing came. */
  wasListed(stream: StreamCoverage): boolean {
    return this.#listed.has(stream)
  }

  /** The streams that this pull listed to their end, and when. */
  get listed(): ReadonlyMap<StreamCoverage, number> {
    return this.#listed
  }

  /** How long the last commit took to write the coverage, in milliseconds, without making logs durable: only this cost repeats with each commit. */
  get saveMs(): number {
    return this.#saveMs
  }

  /** True once a commit failed. Then coverage does not advance any more. */
  get failed(): boolean {
    return this.#failure !== undefined
  }

  /** Makes the progress durable and writes the coverage. Once a commit failed, every call rejects with its error. */
  commit(always = false): Promise<void> {
    this.#committing = this.#committing.then(() => this.#commit(always))
    return this.#committing
  }

  async #commit(always: boolean): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const { coverage, flush, save, committed } = this.#options
    const startedAt = performance.now()
    const batch = this.#pending
    const digests = this.#digests
    this.#pending = new Map()
    this.#digests = []
    this.#objects = 0
    try {
      if (batch.size > 0 || always) coverage.sink = await flush()
      for (const digest of digests) coverage.uncheckedDigests.set(digest.key, digest)
      const changed = this.#apply(batch)
      if (always || changed) {
        const savedFrom = performance.now()
        await save(coverage.format())
        this.#saveMs = performance.now() - savedFrom
        await committed()
      }
    } catch (error) {
      this.#failure = error
      throw error
    } finally {
      const endedAt = performance.now()
      this.#nextAt = endedAt + Math.max(leastCommitPauseMs, (endedAt - startedAt) * pausePerCost)
      this.#idle = true
    }
  }

  #apply(batch: ReadonlyMap<StreamCoverage, Pending>): boolean {
    let changed = false
    for (const [stream, { taken, owed, ended }] of batch) {
      stream.take(taken, this.#options.nowMs())
      for (const [tail, why] of owed) if (!stream.seen.has(tail)) stream.owed.set(tail, why)
      const moved =
        ended !== undefined && stream.end(ended.listing, ended.met, this.#options.rules, this.#options.nowMs())
      changed ||= moved || taken.length > 0 || owed.size > 0
    }
    return changed
  }

  #appearedAt({ lastModifiedMs }: Pick<LogObject, 'lastModifiedMs'>): number {
    return Math.min(lastModifiedMs, this.#presentMs)
  }

  #tellFuture(object: LogObject, listing: OpenListing): void {
    if (listing.isFutureTold || object.lastModifiedMs <= this.#presentMs + usualSkewMs) return
    listing.isFutureTold = true
    this.#options.onFuture(object, this.#presentMs)
  }

  #of(stream: StreamCoverage): Pending {
    let pending = this.#pending.get(stream)
    if (pending === undefined) this.#pending.set(stream, (pending = { taken: [], owed: new Map() }))
    return pending
  }

  #isTime(): boolean {
    return this.#objects >= this.#options.objectsPerCommit || performance.now() >= this.#nextAt
  }
}

function progressOf(outcome: Outcome): 'taken' | 'covered' | 'archived' | 'failed' | 'open' {
  if (outcome.status === 'done') return 'taken'
  if (outcome.status === 'failed') return 'failed'
  return progressBySkip[outcome.reason] ?? 'open'
}

/** What is not selected counts as covered. */
const progressBySkip: Partial<Record<SkipReason, 'taken' | 'covered' | 'archived'>> = {
  present: 'taken',
  covered: 'covered',
  unselected: 'covered',
  foreign: 'covered',
  archived: 'archived',
}
