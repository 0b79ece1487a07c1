import { CrosstrailError, type ErrorCode } from '../error.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import type { RunReport } from '../work/run-event.ts'

export const exitCodes = {
  ok: 0,
  /** Some objects or accounts failed, or there are findings. */
  failures: 1,
  /** Arguments or config. */
  usage: 2,
  noAccess: 3,
  notConfirmed: 4,
  bug: 70,
  sigint: 130,
  sigterm: 143,
  /** As shells have it, for the command that `exec` runs. */
  notExecutable: 126,
  notFound: 127,
} as const

/** What stopped a run before its end. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'output-closed'

/** A code by itself where it differs from its family: the bucket answered, and it was no refusal. */
const exitCodeByCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  'usage.declined': exitCodes.notConfirmed,
  'usage.not-confirmed': exitCodes.notConfirmed,
  'usage.command-not-found': exitCodes.notFound,
  'usage.command-not-executable': exitCodes.notExecutable,
  'bucket.server-error': exitCodes.failures,
  'bucket.slow-down': exitCodes.failures,
  'bucket.malformed-answer': exitCodes.failures,
  'bucket.wrong-page': exitCodes.failures,
  'bucket.answer-too-large': exitCodes.failures,
  'bucket.endless-listing': exitCodes.failures,
  'bucket.too-many-folders': exitCodes.failures,
  'bucket.listing-loops': exitCodes.failures,
}

const exitCodeByFamily: Readonly<Record<string, number>> = {
  usage: exitCodes.usage,
  config: exitCodes.usage,
  access: exitCodes.noAccess,
  bucket: exitCodes.noAccess,
  object: exitCodes.failures,
  network: exitCodes.failures,
  disk: exitCodes.failures,
  coverage: exitCodes.failures,
  lock: exitCodes.failures,
  lab: exitCodes.failures,
  interrupted: exitCodes.sigint,
}

/** The exit code of an error that ended a command: its own row of the table, else its family's; 70 for what crosstrail does not know. */
export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof CrosstrailError)) return exitCodes.bug
  const [family = ''] = error.code.split('.')
  return exitCodeByCode[error.code] ?? exitCodeByFamily[family] ?? exitCodes.bug
}

/** The exit code of what stopped a run. A reader of stdout that has had enough is no failure. */
export function exitCodeOfStop(stop: StopReason): number {
  switch (stop) {
    case 'SIGINT':
      return exitCodes.sigint
    case 'SIGTERM':
      return exitCodes.sigterm
    case 'output-closed':
      return exitCodes.ok
  }
}

/**
 * The exit code of a run. The first that holds:
 *
 * | the run | exit code |
 * | --- | --- |
 * | was interrupted by a signal | that of the signal |
 * | was ended for all accounts, as by a full disk | that of the error |
 * | has an account without access | 3 |
 * | has an account that could not go on for another reason | 1, or 2 for usage and config |
 * | has objects that failed | 1 |
 * | none of these | 0 |
 */
export function exitCodeOfReport(report: RunReport, stop: StopReason | undefined): number {
  // A reader of stdout that has had enough hides no failure
  if (report.interrupted && stop !== 'output-closed') return exitCodeOfStop(stop ?? 'SIGINT')
  if (report.error !== undefined) return exitCodeOfError(report.error)
  const codes = report.accounts.flatMap(({ error }) => (error === undefined ? [] : [exitCodeOfError(error)]))
  const worst = [exitCodes.noAccess, exitCodes.bug, exitCodes.usage].find((code) => codes.includes(code))
  if (worst !== undefined) return worst
  return codes.length > 0 || report.total.failed > 0 ? exitCodes.failures : exitCodes.ok
}

/**
 * The exit code of a pull: that of its run, and 1 for findings where they are to fail it. What was pulled is the result: that the reader
 * of stdout has gone is no success.
 */
export function exitCodeOfPull(report: PullReport, stop: StopReason | undefined, failOnGap: boolean): number {
  if (report.interrupted && stop === 'output-closed') return exitCodes.failures
  const code = exitCodeOfReport(report, stop)
  return code === exitCodes.ok && failOnGap && report.findings.length > 0 ? exitCodes.failures : code
}

/** The same for a run whose result is not on stdout: where its reader has gone, what is to be done is not all done. */
export function exitCodeOfWork(report: RunReport, stop: StopReason | undefined): number {
  const code = exitCodeOfReport(report, stop)
  return report.interrupted && code === exitCodes.ok ? exitCodes.failures : code
}
