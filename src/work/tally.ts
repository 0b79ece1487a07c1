import { type Outcome, type SkipReason, skipReasons } from './outcome.ts'

/** Counts of outcomes, in objects and bytes. */
export interface Tally {
  readonly done: number
  readonly doneBytes: number
  readonly skipped: Readonly<Record<SkipReason, number>>
  readonly failed: number
  /** Failures by error code. */
  readonly failures: Readonly<Record<string, number>>
}

/** The part of an outcome that a tally counts. */
export type CountedOutcome =
  | { readonly status: 'done'; readonly bytes: number }
  | { readonly status: 'skipped'; readonly reason: SkipReason }
  | { readonly status: 'failed'; readonly code: string }

/** Counts outcomes. `snapshot` may be taken at any time. */
export class TallyCounter {
  #done = 0
  #doneBytes = 0
  #failed = 0
  readonly #skipped = Object.fromEntries(skipReasons.map((reason) => [reason, 0])) as Record<SkipReason, number>
  readonly #failures = new Map<string, number>()

  add(outcome: Outcome): void {
    this.count(outcome.status === 'failed' ? { status: 'failed', code: outcome.error.code } : outcome)
  }

  count(outcome: CountedOutcome): void {
    switch (outcome.status) {
      case 'done':
        this.#done++
        this.#doneBytes += outcome.bytes
        break
      case 'skipped':
        this.#skipped[outcome.reason]++
        break
      case 'failed':
        this.#failed++
        this.#failures.set(outcome.code, (this.#failures.get(outcome.code) ?? 0) + 1)
        break
    }
  }

  snapshot(): Tally {
    return {
      done: this.#done,
      doneBytes: this.#doneBytes,
      skipped: { ...this.#skipped },
      failed: this.#failed,
      failures: Object.fromEntries(this.#failures),
    }
  }
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0)
  const failureCodes = new Set(tallies.flatMap((tally) => Object.keys(tally.failures)))
  return {
    done: sum((tally) => tally.done),
    doneBytes: sum((tally) => tally.doneBytes),
    skipped: Object.fromEntries(skipReasons.map((reason) => [reason, sum((tally) => tally.skipped[reason])])) as Record<
      SkipReason,
      number
    >,
    failed: sum((tally) => tally.failed),
    failures: Object.fromEntries([...failureCodes].map((code) => [code, sum((tally) => tally.failures[code] ?? 0)])),
  }
}
