import type { BucketAccess } from '../../s3/bucket-access.ts'
import type { Bucket } from '../../s3/bucket.ts'
import type { BucketPlace } from '../../s3/calls.ts'
import type { KeySource } from '../../s3/key-source.ts'
import type { RunListener } from '../../work/run-event.ts'
import { copySource, copyTarget, type TargetPlace } from './places.ts'
import type { CopySides, TargetSide } from './sides.ts'

/** Both ends of a copy, for each account whose session is open. */
export class CopyEnds {
  readonly #buckets: BucketAccess
  readonly #from: BucketPlace
  readonly #to: TargetPlace
  readonly #listener: RunListener
  readonly #sides = new Map<string, CopySides>()
  #written: TargetSide | undefined

  constructor(buckets: BucketAccess, from: BucketPlace, to: TargetPlace, listener: RunListener) {
    this.#buckets = buckets
    this.#from = from
    this.#to = to
    this.#listener = listener
  }

  /** From now on all accounts' copies are written with these keys instead of the account's own. */
  writeWith(keys: KeySource): void {
    this.#written = this.#newTarget(keys)
  }

  opened(account: string, keys: KeySource, bucket: Bucket): void {
    const source = copySource(this.#buckets, this.#from, keys, bucket)
    const target = this.#written ?? this.#newTarget(keys)
    this.#sides.set(account, { source, target, anotherWrites: this.#written !== undefined })
  }

  of(account: string): CopySides {
    const found = this.#sides.get(account)
    if (found === undefined) throw new Error(`the session of ${account} is not open`)
    return found
  }

  /** Returns the place to write to for an account that need not have an open session. Undefined if no session for it is open. */
  targetOf(account: string): TargetSide | undefined {
    return this.#written ?? this.#sides.get(account)?.target
  }

  #newTarget(keys: KeySource): TargetSide {
    return copyTarget(this.#buckets, this.#to, keys, this.#listener)
  }
}
