import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { type Assignment, assignLogAccounts } from '../../work/assignment.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { Selection } from '../../work/selection.ts'
import { addTallies, TallyCounter } from '../../work/tally.ts'
import type { DeleteHost, DeletingBucket } from './deleting-host.ts'

/** The accounts of a run that deletes: their sessions when they are first needed, their outcomes counted and told. */
export class DeletionRun {
  readonly #host: DeleteHost
  readonly #assignments: ReadonlyMap<string, Assignment>
  readonly #tallies: ReadonlyMap<string, TallyCounter>
  readonly #startedAt = performance.now()

  constructor(host: DeleteHost, selection: Pick<Selection, 'logAccounts'>) {
    this.#host = host
    const assignments = assignLogAccounts(host.accounts, selection.logAccounts)
    this.#assignments = new Map(assignments.map((assignment) => [assignment.account, assignment]))
    this.#tallies = new Map(host.accounts.map(({ label }) => [label, new TallyCounter()]))
  }

  /** Throws `access.…`. */
  bucket(account: string): Promise<DeletingBucket> {
    const assignment = this.#assignments.get(account)
    if (assignment === undefined) throw new Error(`no account ${account} takes part`)
    return this.#host.open(assignment)
  }

  async send(
    account: string,
    items: readonly DeleteItem[],
    { bypassGovernance, needsMfa }: { readonly bypassGovernance: boolean; readonly needsMfa: boolean },
  ): Promise<{ readonly answered: readonly DeleteAnswer[]; readonly unanswered: readonly DeleteItem[] }> {
    const { admin } = await this.bucket(account)
    const mfa = needsMfa ? await this.#host.mfa(account) : undefined
    return admin.deleteObjects(items, { bypassGovernance, ...(mfa !== undefined && { mfa }) })
  }

  /** So many are to come. */
  expect(account: string, objects: number, bytes: number): void {
    const { listener } = this.#host
    listener({ type: 'listed', account, objects, bytes })
    listener({ type: 'listing-finished', account })
  }

  tell(outcome: Outcome): void {
    this.#tallies.get(outcome.account)?.add(outcome)
    this.#host.listener({ type: 'outcome', outcome })
  }

  report(): RunReport {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const accounts = [...this.#tallies].map(([account, tally]) => ({ account, tally: tally.snapshot(), seconds }))
    return {
      accounts,
      total: addTallies(accounts.map(({ tally }) => tally)),
      seconds,
      interrupted: this.#host.signal.aborted,
    }
  }
}
