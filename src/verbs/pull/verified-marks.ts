import { kinds } from '../../trail/kind.ts'
import type { StreamName } from './report.ts'

/** By log account and region, then by kind: `{"222222222222/us-east-1": {"events": "2026-11-01T08:00:00.000Z"}}`. */
export type VerifiedLines = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Until when the logs of each stream were verified, by their delivery, and its digests, by the end of their periods. Kinds without any log
 * have marks too: a digest may list a log of a kind that the bucket does not have any more.
 */
export class VerifiedMarks {
  readonly #marks = new Map<string, Map<string, number>>()

  constructor(lines: VerifiedLines = {}) {
    for (const [name, byKind] of Object.entries(lines)) {
      this.#marks.set(name, new Map(Object.entries(byKind).map(([kind, at]) => [kind, Date.parse(at)])))
    }
  }

  of({ logAccount, region, kind }: StreamName): number | undefined {
    return this.#marks.get(`${logAccount}/${region}`)?.get(kind)
  }

  set({ logAccount, region, kind }: StreamName, untilMs: number): void {
    const name = `${logAccount}/${region}`
    const byKind = this.#marks.get(name) ?? new Map<string, number>()
    this.#marks.set(name, byKind.set(kind, untilMs))
  }

  /** Takes a mark back to a log that came after its time was verified. */
  reopen(name: StreamName, deliveredAtMs: number): void {
    if (deliveredAtMs < (this.of(name) ?? -Infinity)) this.set(name, deliveredAtMs)
  }

  toJSON(): VerifiedLines | undefined {
    if (this.#marks.size === 0) return undefined
    const lines = [...this.#marks].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(lines.map(([name, byKind]) => [name, linesOf(byKind)]))
  }
}

function linesOf(byKind: ReadonlyMap<string, number>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const untilMs = byKind.get(kind)
      return untilMs === undefined ? [] : [[kind, new Date(untilMs).toISOString()]]
    }),
  )
}
