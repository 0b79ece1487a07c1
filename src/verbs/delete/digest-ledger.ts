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
 * What stays and what is deleted in each log account and region, as far as digests need it. A digest verifies the logs that were delivered
 * before its end, and links the digests before and after it.
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

  /** Whether a log that was delivered before the digest's end stays. Call it after all logs were added. */
  logsRemain(digest: KeyParts): boolean {
    return this.#place(digest).oldestRemainingLogMs <= digest.deliveredAtMs
  }

  /** Places where an older digest stays and a newer one is deleted: the chain could not be verified across the gap. */
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
