import type { RunReport } from '../../work/run-event.ts'
import { addTallies } from '../../work/tally.ts'

/** One report for several runs of the same accounts. */
export function joinedReports(reports: readonly RunReport[]): RunReport {
  const [first] = reports
  if (first === undefined) throw new Error('there is no run')
  return {
    ...first,
    accounts: first.accounts.map((account, at) => {
      const parts = reports.flatMap((report) => report.accounts[at] ?? [])
      return {
        account: account.account,
        tally: addTallies(parts.map(({ tally }) => tally)),
        error: parts.find(({ error }) => error !== undefined)?.error,
        unlisted: parts.reduce((sum, part) => sum + (part.unlisted ?? 0), 0),
        seconds: parts.reduce((seconds, part) => seconds + part.seconds, 0),
      }
    }),
    total: addTallies(reports.map(({ total }) => total)),
    seconds: reports.reduce((seconds, report) => seconds + report.seconds, 0),
    interrupted: reports.some(({ interrupted }) => interrupted),
    error: reports.find(({ error }) => error !== undefined)?.error,
  }
}
