import type { CheckedDigest } from './check-digest.ts'
import { fileName } from './digest-name.ts'

/** What is kept of a digest to compare its successors with it. */
export interface RecentDigest extends Pick<CheckedDigest, 'key' | 'sha256' | 'signature' | 'state'> {
  /** Whether a finding says what is wrong with it. */
  readonly hasFindings: boolean
  readonly endMs: number
}

const mostKept = 8

/** The last digests of a chain. A digest names the one before it, but forged ones may lie between the two. */
export class RecentDigests {
  readonly #digests: RecentDigest[] = []

  get last(): RecentDigest | undefined {
    return this.#digests.at(-1)
  }

  add({ key, sha256, signature, state, findings }: CheckedDigest, endMs: number): void {
    this.#digests.push({ key, sha256, signature, state, hasFindings: findings.length > 0, endMs })
    if (this.#digests.length <= mostKept) return
    const forged = this.#digests.findIndex((digest) => digest.state !== 'proven')
    this.#digests.splice(Math.max(forged, 0), 1)
  }

  /** Finds a digest by its name. A chain that was moved to another prefix keeps its names. */
  find(key: string): RecentDigest | undefined {
    const name = fileName(key)
    return this.#digests.findLast((digest) => fileName(digest.key) === name)
  }

  /** The end of the last digest that ends at an instant or before; undefined if none does. */
  endBefore(untilMs: number): number | undefined {
    const ends = this.#digests.map(({ endMs }) => endMs).filter((endMs) => endMs <= untilMs)
    return ends.length === 0 ? undefined : Math.max(...ends)
  }
}
