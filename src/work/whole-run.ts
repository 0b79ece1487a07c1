import type { RunReport } from './run-event.ts'

/** True if everything that was asked for was done, for every account. */
export function isWholeRun({ error, interrupted, accounts, total }: RunReport): boolean {
  const wholeAccounts = accounts.every((account) => account.error === undefined)
  return error === undefined && !interrupted && total.failed === 0 && wholeAccounts
}
