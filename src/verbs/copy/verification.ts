import type { Outcome } from '../../work/outcome.ts'
import type { Verification } from '../../work/run-event.ts'

/** Counts how `--verify` proved that copies, new and present, equal their logs. */
export class VerificationCount {
  readonly #verifiedBy = new Map<string, number>()
  readonly #presentBy = new Map<string, number>()

  add(outcome: Outcome): void {
    if (outcome.status === 'done') count(this.#verifiedBy, outcome.detail?.['verified'])
    if (outcome.status === 'skipped') count(this.#presentBy, outcome.detail?.['comparedBy'])
  }

  snapshot(): Verification {
    return {
      verified: total(this.#verifiedBy),
      verifiedBy: Object.fromEntries(this.#verifiedBy),
      present: total(this.#presentBy),
      presentBy: Object.fromEntries(this.#presentBy),
    }
  }
}

function count(counts: Map<string, number>, by: unknown): void {
  if (typeof by === 'string') counts.set(by, (counts.get(by) ?? 0) + 1)
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0)
}
