import { CrosstrailError, type ErrorCode } from '../error.ts'
import type { FleetReport } from '../fleet/queue/report.ts'
import type { EventsReport } from '../verbs/events/report.ts'
import type { MergeReport } from '../verbs/merge/report.ts'
import type { PullReport } from '../verbs/pull/report.ts'
import type { ReportReport } from '../verbs/report/make-report.ts'
import type { ProofReport, VerifyReport } from '../verbs/verify/report.ts'
import type { RunReport } from '../work/run-event.ts'
import type { Tally } from '../work/tally.ts'

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
  /** As in shells, for the command that `exec` runs. */
  notExecutable: 126,
  notFound: 127,
} as const

export type StopReason = 'SIGINT' | 'SIGTERM' | 'output-closed'

/** Error codes whose exit code differs from that of their family, such as answers of a bucket that are not refusals. */
const exitCodeByCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  'usage.declined': exitCodes.notConfirmed,
  'usage.not-confirmed': exitCodes.notConfirmed,
  'usage.command-not-found': exitCodes.notFound,
  'usage.command-not-executable': exitCodes.notExecutable,
  'fleet.refused': exitCodes.noAccess,
  'fleet.unsuitable': exitCodes.usage,
  'fleet.other-format': exitCodes.usage,
  'queue.denied': exitCodes.noAccess,
  'queue.expired': exitCodes.noAccess,
  'queue.kms': exitCodes.noAccess,
  'queue.not-found': exitCodes.noAccess,
  'queue.refused': exitCodes.noAccess,
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
  fleet: exitCodes.failures,
  queue: exitCodes.failures,
  interrupted: exitCodes.sigint,
}

/** Returns the exit code of an error that ended a command: its own, else that of its family; 70 for an unknown error. */
export function exitCodeOfError(error: unknown): number {
  return error instanceof CrosstrailError ? exitCodeOfCode(error.code) : exitCodes.bug
}

function exitCodeOfCode(code: string): number {
  const [family = ''] = code.split('.')
  return exitCodeByCode[code as ErrorCode] ?? exitCodeByFamily[family] ?? exitCodes.bug
}

/** Returns the exit code of a stop. If the reader of stdout closed it, that is not a failure. */
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
 * Returns the exit code of a run: the first row that holds.
 *
 * | the run | exit code |
 * | --- | --- |
 * | was interrupted by a signal | that of the signal |
 * | ended for all accounts, as with a full disk | that of the error |
 * | has an account without access | 3 |
 * | has an account that could not continue for another reason | 1, or 2 for usage and config |
 * | has objects that failed | 1 |
 * | none of these | 0 |
 */
export function exitCodeOfReport(report: RunReport, stop: StopReason | undefined): number {
  // If the reader of stdout closed it, failures still count
  if (report.interrupted && stop !== 'output-closed') return exitCodeOfStop(stop ?? 'SIGINT')
  if (report.error !== undefined) return exitCodeOfError(report.error)
  const codes = report.accounts.flatMap(({ error }) => (error === undefined ? [] : [exitCodeOfError(error)]))
  const worst = worstOf(codes)
  if (worst !== undefined) return worst
  return codes.length > 0 || report.total.failed > 0 ? exitCodes.failures : exitCodes.ok
}

function worstOf(codes: readonly number[]): number | undefined {
  return [exitCodes.noAccess, exitCodes.bug, exitCodes.usage].find((code) => codes.includes(code))
}

/** What several machines did of one run. */
interface SharedRun {
  readonly verb: string
  /** The error codes that stopped accounts, or parts of the run. */
  readonly stopped: readonly string[]
  /** Whether each part of the run was done. */
  readonly isWhole: boolean
  readonly total: Tally
  readonly findings: Readonly<Record<string, number>>
}

/** Returns the exit code of one run that did everything, or 1 if a part was not done. */
function exitCodeOfShared({ verb, stopped, isWhole, total, findings }: SharedRun): number {
  const codes = stopped.map(exitCodeOfCode)
  const worst = worstOf(codes)
  if (worst !== undefined) return worst
  const isUnread = verb === 'events' && total.skipped.archived > 0
  const isClean = codes.length === 0 && total.failed === 0 && !isUnread && Object.keys(findings).length === 0
  return isWhole && isClean ? exitCodes.ok : exitCodes.failures
}

/** Returns the exit code of shards as that of one run, or 1 if one of them is missing or did not finish. */
export function exitCodeOfMerge({ journals, missing, ...run }: MergeReport): number {
  const stopped = journals.flatMap((journal) => Object.values(journal.stopped))
  const isWhole = missing.length === 0 && journals.every(({ state }) => state === 'finished')
  return exitCodeOfShared({ ...run, stopped, isWhole })
}

/**
 * Returns the exit code of a run that the workers of a queue did: that of one run that did everything. If it was cancelled, that of the signal, or 1 if
 * someone else cancelled it.
 */
export function exitCodeOfFleet(report: FleetReport, stop: StopReason | undefined): number {
  const { state, request, stopped, slices, ended, bad, total, findings } = report
  if (state !== 'finished') {
    return stop === undefined || stop === 'output-closed' ? exitCodes.failures : exitCodeOfStop(stop)
  }
  const isWhole = ended === slices && bad === 0
  return exitCodeOfShared({ verb: request.verb, stopped: Object.values(stopped), isWhole, total, findings })
}

/** Returns the exit code of a run that was left to workers: 0, unless accounts could not be planned. */
export function exitCodeOfSubmitted(unplanned: Readonly<Record<string, string>>): number {
  const codes = Object.values(unplanned).map(exitCodeOfCode)
  return worstOf(codes) ?? (codes.length > 0 ? exitCodes.failures : exitCodes.ok)
}

/** Returns the exit code of a search for events: that of its run, or 1 if records or archived logs were not read. */
export function exitCodeOfEvents(report: EventsReport, stop: StopReason | undefined): number {
  const code = exitCodeOfReport(report, stop)
  const unread = report.counts.unreadable + report.total.skipped.archived
  return code === exitCodes.ok && unread > 0 ? exitCodes.failures : code
}

/**
 * Returns the exit code of a pull: that of its run, or 1 if a log could not be verified, or if `failOnGap` and there are findings. The pulled logs are the result, so a
 * pull that stopped because stdout was closed is a failure.
 */
export function exitCodeOfPull(report: PullReport, stop: StopReason | undefined, failOnGap: boolean): number {
  if (report.interrupted && stop === 'output-closed') return exitCodes.failures
  const { findings, verified } = report
  const code = exitCodeOfReport(report, stop)
  if (code !== exitCodes.ok) return code
  if (verified !== undefined && verified.total.failed > 0) return exitCodes.failures
  const isGap = findings.length > 0 || Object.keys(verified?.findings ?? {}).length > 0
  return failOnGap && isGap ? exitCodes.failures : exitCodes.ok
}

/**
 * Returns the exit code of a report: that of its run, or 1 if something could not be looked at, or if `failOnGap` and there are findings.
 */
export function exitCodeOfReporting(report: ReportReport, stop: StopReason | undefined, failOnGap: boolean): number {
  const code = exitCodeOfWork(report, stop)
  if (code !== exitCodes.ok) return code
  const { verdict, findings } = report.figures
  return verdict === 'partial' || (failOnGap && findings.length > 0) ? exitCodes.failures : exitCodes.ok
}

/** A run that may also verify what it takes. */
type WorkReport = RunReport & { readonly proof?: ProofReport | undefined }

/**
 * The same for a run whose result is not on stdout. If it stopped because stdout was closed, its work is not complete. If it takes only what
 * is verified, findings make it 1.
 */
export function exitCodeOfWork(report: WorkReport, stop: StopReason | undefined): number {
  const code = exitCodeOfReport(report, stop)
  return code === exitCodes.ok && (report.interrupted || hasFindings(report.proof)) ? exitCodes.failures : code
}

/** Whether something did not prove right, or could not be read. */
export function hasFindings(proof: Pick<ProofReport, 'findings' | 'logs'> | undefined): boolean {
  return proof !== undefined && (Object.keys(proof.findings).length > 0 || proof.logs.failed > 0)
}

/** The same for a run that may verify what it took: also 1 if there are findings. */
export function exitCodeOfTaking(
  report: RunReport & { readonly verified?: VerifyReport | undefined },
  stop: StopReason | undefined,
): number {
  const code = exitCodeOfWork(report, stop)
  return code === exitCodes.ok && report.verified !== undefined ? exitCodeOfVerify(report.verified, stop) : code
}

/**
 * Returns the exit code of a verification: that of its run, or 1 if there are findings, or that of a timestamp that the evidence lacks. One
 * that stopped early proved nothing.
 */
export function exitCodeOfVerify(report: VerifyReport, stop: StopReason | undefined): number {
  const code = exitCodeOfWork(report, stop)
  if (code !== exitCodes.ok) return code
  if (hasFindings(report)) return exitCodes.failures
  const error = report.evidence?.timestampError
  return error === undefined ? code : exitCodeOfError(error)
}
