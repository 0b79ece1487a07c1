import { addTallies, type Tally } from '../work/tally.ts'
import type { BadSlice } from './queue/report.ts'

interface AccountSum {
  readonly tally: Tally
  readonly findings: Readonly<Record<string, number>>
}

/** Adds up what became of slices, for each account. */
export class AccountSums {
  readonly #sums = new Map<string, AccountSum>()

  add({ slice, end }: BadSlice): void {
    const { account } = slice.place
    const known = this.#sums.get(account)
    const findings = { ...known?.findings }
    for (const [code, count] of Object.entries(end.findings)) findings[code] = (findings[code] ?? 0) + count
    const tally = known === undefined ? end.tally : addTallies([known.tally, end.tally])
    this.#sums.set(account, { tally, findings })
  }

  /** By label, in the order of the first slices. */
  sums(): ReadonlyMap<string, AccountSum> {
    return this.#sums
  }
}
