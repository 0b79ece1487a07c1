import type { KeyParts } from '../../trail/log-object.ts'
import type { BrokenChain } from './plan-facts.ts'

interface Place {
  readonly logAccount: KeyParts['logAccount']
  readonly region: string
  oldestRemainingLogMs: number
  oldestRemainingDigestMs: number
  newestPlannedDigestMs: number
}

/**
 * What stays and goes of each log account and region, as far as it matters to digests. A digest vouches for the logs delivered up to
 * its end, and is the link between the digests before and after it.
 */
export class DigestLedger {
  readonly #places = new Map<string, Place>()

  remains({ kind, deliveredAtMs, ...parts }: KeyParts): void {
    const place = this.#place(parts)
    const field = kind === 'digest' ? 'oldestRemainingDigestMs' : 'oldestRemainingLogMs'
    place[field] = Math.min(place[field], deliveredAtMs)
  }

  goes({ kind, deliveredAtMs, ...parts }: KeyParts): void {
    if (kind !== 'digest') return
    const place = this.#place(parts)
    place.newestPlannedDigestMs = Math.max(place.newestPlannedDigestMs, deliveredAtMs)
  }

  /** Whether a log that was delivered up to the digest's end stays. All logs must have been told of before. */
  logsRemain(digest: KeyParts): boolean {
    return this.#place(digest).oldestRemainingLogMs <= digest.deliveredAtMs
  }

  /** Where an older digest stays while a newer one goes: whoever checks the chain could not step over the gap. */
  brokenChains(): BrokenChain[] {
    return [...this.#places.values()]
      .filter((place) => place.oldestRemainingDigestMs < place.newestPlannedDigestMs)
      .map(({ logAccount, region }) => ({ logAccount, region }))
      .sort((a, b) => (`${a.logAccount}/${a.region}` < `${b.logAccount}/${b.region}` ? -1 : 1))
  }

  #place({ logAccount, region }: Pick<KeyParts, 'logAccount' | 'region'>): Place {
    const name = `${logAccount}/${region}`
    let place = this.#places.get(name)
    if (place === undefined) {
      place = {
        logAccount,
        region,
        oldestRemainingLogMs: Number.POSITIVE_INFINITY,
        oldestRemainingDigestMs: Number.POSITIVE_INFINITY,
        newestPlannedDigestMs: Number.NEGATIVE_INFINITY,
      }
      this.#places.set(name, place)
    }
    return place
  }
}
