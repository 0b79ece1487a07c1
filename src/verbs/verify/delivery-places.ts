import type { DeliveryPlace } from './digest-name.ts'

/**
 * Decides whether digests may record another place than the one that they are in. A mirror does not know its bucket, so the first place that
 * its digests record counts as the right one, and the others must agree with it.
 */
export class DeliveryPlaces {
  readonly #movedFrom: readonly DeliveryPlace[]
  #adopted: DeliveryPlace | undefined
  readonly #counts = new Map<string, number>()

  /** `movedFrom` are places that the user named. The base of each may be only the beginning of one. */
  constructor(movedFrom: readonly DeliveryPlace[] = []) {
    this.#movedFrom = movedFrom
  }

  /** Which places digests record, as `s3://bucket/base`, and how many digests each. */
  get recorded(): ReadonlyMap<string, number> {
    return this.#counts
  }

  accepts(found: DeliveryPlace, recorded: DeliveryPlace): boolean {
    const text = placeText(recorded)
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1)
    if (isSame(found, recorded)) return true
    if (this.#movedFrom.some(({ bucket, base }) => bucket === recorded.bucket && recorded.base.startsWith(base)))
      return true
    if (found.bucket !== undefined || this.#movedFrom.length > 0) return false
    this.#adopted ??= recorded
    return isSame(this.#adopted, recorded)
  }
}

export function placeText({ bucket, base }: DeliveryPlace): string {
  return bucket === undefined ? base : `s3://${bucket}/${base}`
}

/** The alias of an access point differs from the name of its bucket, so it is not compared. */
function isSame(found: DeliveryPlace, recorded: DeliveryPlace): boolean {
  if (found.bucket === undefined || found.base !== recorded.base) return false
  return found.bucket === recorded.bucket || found.bucket.endsWith('-s3alias')
}
