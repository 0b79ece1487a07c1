import type { PublishedKey } from './digest-keys.ts'

/** What CloudTrail's ListPublicKeys knows: the public keys of each region, and the regions that are not enabled. */
export class PublicKeys {
  /** The keys of one page: AWS does not document how many it sends. Tests may set fewer. */
  pageSize = 50
  readonly #keys: PublishedKey[] = []
  readonly #closed = new Set<string>()

  add(...keys: readonly PublishedKey[]): void {
    this.#keys.push(...keys)
  }

  /** Makes a region one that no account has enabled. */
  closeRegion(region: string): void {
    this.#closed.add(region)
  }

  openRegion(region: string): void {
    this.#closed.delete(region)
  }

  isClosed(region: string): boolean {
    return this.#closed.has(region)
  }

  /** Returns the keys of a region that are valid at some instant from `fromMs` to `toMs`. */
  valid(region: string, fromMs: number, toMs: number): readonly PublishedKey[] {
    return this.#keys.filter((key) => key.region === region && key.validFromMs <= toMs && key.validUntilMs > fromMs)
  }

  all(): readonly PublishedKey[] {
    return this.#keys
  }
}
