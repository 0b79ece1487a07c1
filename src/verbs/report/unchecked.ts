import type { CrosstrailError } from '../../error.ts'
import type { RunEvent, RunReport } from '../../work/run-event.ts'
import type { EventsReport } from '../events/report.ts'
import type { VerifyReport } from '../verify/report.ts'
import type { Unchecked } from './figures.ts'

/** Collects what could not be looked at, so that a report about a part never looks like one about the whole. */
export class UncheckedList {
  readonly #all: Unchecked[] = []
  readonly #failed = new Map<string, { count: number; readonly first: CrosstrailError; readonly account: string }>()
  #archived = 0

  event(event: RunEvent): void {
    if (event.type !== 'outcome') return
    const { outcome } = event
    if (outcome.status === 'skipped' && outcome.reason === 'archived') this.#archived++
    if (outcome.status !== 'failed') return
    const { account, error } = outcome
    const name = `${account} ${error.code}`
    const known = this.#failed.get(name)
    if (known === undefined) this.#failed.set(name, { count: 1, first: error, account })
    else known.count++
  }

  /** The report of the run that read listings and digests. */
  verified({ accounts, error, streams, interrupted }: VerifyReport): void {
    this.#run({ accounts, error })
    for (const { logAccount, region, finished } of streams) {
      if (finished || interrupted) continue
      const message = `${logAccount}/${region} was not read to its end`
      this.#all.push({ account: `${logAccount}/${region}`, code: 'report.unfinished', message })
    }
  }

  /** The report of the search for events. */
  searched({ accounts, error, counts, comparedAll }: EventsReport): void {
    this.#run({ accounts, error })
    if (counts.unreadable > 0) {
      const message = `${counts.unreadable} records could not be read, so they are not counted`
      this.#all.push({ account: 'events', code: 'events.unreadable-record', message })
    }
    if (comparedAll) return
    const message = 'there were too many events to find all that came twice, so some may be counted twice'
    this.#all.push({ account: 'events', code: 'events.not-all-compared', message })
  }

  get all(): readonly Unchecked[] {
    const failed = [...this.#failed.values()].map(({ count, first, account }): Unchecked => {
      const { code, message, hint } = first
      return { account, code, message: count === 1 ? message : `${message}, and ${count - 1} more like it`, hint }
    })
    const archived: Unchecked[] =
      this.#archived === 0
        ? []
        : [
            {
              account: '',
              code: 'object.archived',
              message: `${this.#archived} archived logs were not read`,
              hint: 'restore them first',
            },
          ]
    return [...this.#all, ...failed, ...archived]
  }

  #run({ accounts, error }: Pick<RunReport, 'accounts' | 'error'>): void {
    for (const { account, error: stopped } of accounts) if (stopped !== undefined) this.#error(account, stopped)
    if (error !== undefined) this.#error('', error)
  }

  #error(account: string, { code, message, hint }: CrosstrailError): void {
    if (this.#all.some((known) => known.account === account && known.code === code && known.message === message)) return
    this.#all.push({ account, code, message, hint })
  }
}
