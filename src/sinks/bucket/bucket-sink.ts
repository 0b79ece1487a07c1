import { CrosstrailError, hasCode } from '../../error.ts'
import type { StoredCopy } from '../../s3/copy-target.ts'
import { serverMark } from '../../s3/server-mark.ts'
import type { ListedObject, LogObject } from '../../trail/log-object.ts'
import type { Gate } from '../../work/limits.ts'
import type { Outcome, OutcomeDetail, SkipReason } from '../../work/outcome.ts'
import { listedTwins } from '../../work/twins.ts'
import { isArchived } from '../archived.ts'
import type { HeldObject } from '../object-receiver.ts'
import type { Sink } from '../sink.ts'
import { compareCopy, type SameBy } from './compare-copy.ts'
import { type CopyLimits, type CopyMode, copyMode } from './copy-mode.ts'
import type { CopyDestination } from './destination.ts'
import type { CopySides, Thaw } from './sides.ts'
import { storeInParts, streamHeld, streamParts, wrongCopy } from './streamed-copy.ts'
import { decideTwin, etagKind } from './copy-twin.ts'

/** How logs become copies. Plain data. */
export interface BucketOptions extends CopyLimits {
  readonly to: CopyDestination
  /** Never trust the size alone when objects are compared. */
  readonly verify: boolean
  /** Replace a copy that differs. Copies that are equal are skipped. */
  readonly overwrite: boolean
  /** Copy nothing, and request no restore of archived objects. */
  readonly dryRun: boolean
  /** Requests the restore of archived objects. */
  readonly thaw?: Thaw | undefined
}

/** `signal` stops listings; `actSignal` also stops objects under way. */
export interface SinkSignals {
  readonly signal: AbortSignal
  readonly actSignal: AbortSignal
}

export interface BucketSink extends Sink<ListedObject> {
  /** `held` was read of the object. If another account writes, it is stored, and the object is not read again. */
  take(
    object: LogObject,
    account: string,
    bucket: unknown,
    twin: ListedObject | undefined,
    held?: HeldObject,
  ): ReturnType<Sink<ListedObject>['take']>
  /** Requests the restore of an archived object. Returns undefined if the object can be read now. */
  thaw(object: LogObject, account: string): Promise<Outcome | undefined>
}

/** Copies each object that is not yet in another bucket. `sidesOf` returns both places for an account with an open session. */
export function bucketSink(
  options: BucketOptions,
  sidesOf: (account: string) => CopySides,
  gate: Gate,
  { signal, actSignal }: SinkSignals,
): BucketSink {
  const copyOf = (object: LogObject, account: string, held?: HeldObject) =>
    new ObjectCopy(object, account, sidesOf(account), options, gate, actSignal, held)
  return {
    twins: (slice) =>
      listedTwins(slice, { listing: sidesOf(slice.account).target.listing, prefix: options.to.prefix, signal }),
    take(object, account, _bucket, twin, held) {
      const copying = copyOf(object, account, held)
      switch (decideTwin(object, twin, options.overwrite)) {
        case 'present':
          return copying.present()
        case 'differs':
          return copying.differs()
        case 'copy':
          return copying.begin()
        case 'ask':
          return () => copying.ask()
      }
    },
    thaw: (object, account) => copyOf(object, account).thaw(),
    // S3 has stored a copy durably when it answers.
    flush: () => Promise.resolve(undefined),
    close: () => Promise.resolve(),
  }
}

class ObjectCopy {
  readonly #object: LogObject
  readonly #account: string
  readonly #sides: CopySides
  readonly #options: BucketOptions
  readonly #gate: Gate
  readonly #signal: AbortSignal
  readonly #targetKey: string
  readonly #held: HeldObject | undefined

  constructor(
    object: LogObject,
    account: string,
    sides: CopySides,
    options: BucketOptions,
    gate: Gate,
    signal: AbortSignal,
    held: HeldObject | undefined,
  ) {
    this.#held = held
    this.#object = object
    this.#account = account
    this.#sides = sides
    this.#options = options
    this.#gate = gate
    this.#signal = signal
    this.#targetKey = options.to.prefix + object.key
  }

  skip(reason: SkipReason, detail?: OutcomeDetail): Outcome {
    return { status: 'skipped', account: this.#account, object: this.#object, reason, detail }
  }

  /** Size and ETag are equal in both listings. */
  present(): Outcome {
    return this.skip('present', this.#options.verify ? { comparedBy: etagKind(this.#object.etag) } : undefined)
  }

  differs(): Outcome {
    const { bucket } = this.#sides.target
    const error = new CrosstrailError(
      'object.differs',
      `s3://${bucket}/${this.#targetKey} exists and has other content`,
      { hint: 'find out which of the two is right; --overwrite replaces the copy', facts: { key: this.#object.key } },
    )
    return { status: 'failed', account: this.#account, object: this.#object, error }
  }

  /** For objects that two listings cannot compare. */
  async ask(): Promise<Outcome> {
    const same = await this.#compare(this.#options.verify)
    if (same !== undefined) return this.skip('present', { comparedBy: same })
    if (!this.#options.overwrite) return this.differs()
    const begun = this.begin()
    return typeof begun === 'function' ? begun() : begun
  }

  begin(): Outcome | (() => Promise<Outcome>) {
    const { dryRun, thaw } = this.#options
    const archived = isArchived(this.#object)
    if (archived && (thaw === undefined || dryRun)) return this.skip('archived')
    // A restore request costs money too.
    const stopped = this.#gate(this.#object)
    if (stopped !== undefined) return this.skip(stopped)
    return async () => (archived ? ((await this.#restore()) ?? this.#copy()) : this.#copy())
  }

  /** Undefined if the object can be read now. */
  async thaw(): Promise<Outcome | undefined> {
    const { dryRun, thaw } = this.#options
    const stopped = thaw === undefined || dryRun ? 'archived' : this.#gate(this.#object)
    return stopped === undefined ? this.#restore() : this.skip(stopped)
  }

  async #restore(): Promise<Outcome | undefined> {
    if (this.#options.thaw === undefined) return this.skip('archived')
    const restore = await this.#sides.source.thaw(this.#object, this.#options.thaw, this.#signal)
    return restore === 'readable' ? undefined : this.skip('archived', { restore })
  }

  async #copy(): Promise<Outcome> {
    const object = this.#object
    const mode = copyMode(object.sizeBytes, this.#sides.anotherWrites, this.#options)
    let stored: StoredCopy
    try {
      stored = await this.#store(mode)
    } catch (error) {
      // An archive tier of INTELLIGENT_TIERING shows only now.
      const waiting = hasCode(error, 'object.archived') ? await this.#restore() : undefined
      if (waiting !== undefined) return waiting
      throw error
    }
    const verified = this.#options.verify ? await this.#verify(stored) : undefined
    const { target } = this.#sides
    const detail = {
      target: `s3://${target.bucket}/${this.#targetKey}`,
      mode,
      ...(stored.etag !== undefined && { targetEtag: serverMark(stored.etag) }),
      ...(stored.versionId !== undefined && { versionId: serverMark(stored.versionId) }),
      ...(verified !== undefined && { verified }),
    }
    return { status: 'done', account: this.#account, object, bytes: object.sizeBytes, detail }
  }

  async #store(mode: CopyMode): Promise<StoredCopy> {
    const { source, target } = this.#sides
    const [object, key, signal] = [this.#object, this.#targetKey, this.#signal]
    const from = { bucket: source.bucket, owner: source.owner, object }
    switch (mode) {
      case 'server-side':
        return target.copy(from, key, signal)
      case 'server-side-parts':
        return target.copyInParts(from, await source.head(object.key, signal), key, signal)
      case 'streamed':
        return streamHeld(object, key, this.#sides, this.#held, signal)
      case 'streamed-parts': {
        const { maxHeldBytes } = this.#options
        return this.#held === undefined
          ? streamParts(object, key, this.#sides, maxHeldBytes, signal)
          : storeInParts(object, key, this.#sides, this.#held, maxHeldBytes, signal)
      }
    }
  }

  async #verify({ etag }: StoredCopy): Promise<SameBy> {
    if (etag !== undefined && etag === this.#object.etag) return etagKind(etag)
    const same = await this.#compare(true)
    if (same === undefined) throw wrongCopy(this.#object, this.#targetKey)
    return same
  }

  #compare(verify: boolean): Promise<SameBy | undefined> {
    return compareCopy(this.#object, this.#targetKey, this.#sides, verify, this.#signal)
  }
}
