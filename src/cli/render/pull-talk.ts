import type { CrosstrailError } from '../../error.ts'
import { formatInstant } from '../../trail/time.ts'
import type { Finding, PullReport } from '../../verbs/pull/report.ts'
import type { VerifyReport } from '../../verbs/verify/report.ts'
import type { Runtime } from '../command.ts'
import type { OutputArgs } from '../options/output.ts'
import { type Paint, paintFor } from './colour.ts'
import { errorText } from './error-text.ts'
import { escapeText, safeJson } from './escape.ts'
import { formatBytes, formatCount, formatSeconds } from './quantity.ts'
import { verifyRecord, verifySummary } from './verify-summary.ts'

/** The messages of a pull on stderr besides its summary. With `--quiet` findings are still printed, as failures are. */
export interface PullTalk {
  closing(report: PullReport): void
  /** Prints one pull of many on one line, and the findings that changed since `before`. */
  line(report: PullReport, before: readonly Finding[]): void
  held(error: CrosstrailError): void
  readonly note: (text: string) => void
}

export function pullTalk(
  { output, quiet, noColor }: OutputArgs,
  { stderr, env }: Pick<Runtime, 'stderr' | 'env'>,
): PullTalk {
  const paint = paintFor(stderr, env, noColor)
  const write = (line: string) => void stderr.write(`${line}\n`)
  const note = (text: string) => {
    if (!quiet) write(text)
  }
  const tell = (finding: Finding) => write(output === 'json' ? findingJson(finding) : findingLine(finding, paint))
  return {
    note,
    closing(report) {
      if (report.firstRun) note(firstPull(report))
      if (report.sweep && !report.firstRun)
        note('this pull was a sweep: it also looked for logs that were delivered late')
      report.findings.forEach(tell)
      const { verified } = report
      if (!hasVerified(verified)) return
      if (output === 'json') note(safeJson({ verification: verifyRecord(verified) }))
      else verifySummary(verified, output).forEach(note)
    },
    line(report, before) {
      if (report.firstRun) note(firstPull(report))
      // An error caused by a stop needs no message
      const { error } = report
      if (error !== undefined && error.code !== 'interrupted') write(errorText(error, output, paint))
      if (!isIdle(report)) note(runLine(report))
      const { appeared, gone } = findingChanges(before, report.findings)
      appeared.forEach(tell)
      for (const finding of gone)
        note(escapeText(`no longer: ${subjectOf(finding) ?? finding.message} (${finding.code})`))
    },
    held: (error) => note(`note: ${escapeText(error.message)}; nothing was pulled`),
  }
}

/** The findings that are new, and those that are gone. Two findings are the same if their code and subject are equal. */
export function findingChanges(
  before: readonly Finding[],
  now: readonly Finding[],
): { readonly appeared: readonly Finding[]; readonly gone: readonly Finding[] } {
  const [namesBefore, namesNow] = [new Set(before.map(findingName)), new Set(now.map(findingName))]
  return {
    appeared: now.filter((finding) => !namesBefore.has(findingName(finding))),
    gone: before.filter((finding) => !namesNow.has(findingName(finding))),
  }
}

function findingName(finding: Finding): string {
  return `${finding.code} ${subjectOf(finding) ?? finding.message}`
}

function findingLine(finding: Finding, paint: Paint): string {
  const { code, message } = finding
  const subject = subjectOf(finding)
  const text = subject === undefined ? message : `${subject}: ${message}`
  return `${paint('yellow', 'finding:')} ${escapeText(text)} (${code})`
}

function findingJson({ code, message, logAccount, region, kind }: Finding): string {
  return safeJson({ finding: { code, message, logAccount, region, kind } })
}

/** The stream; undefined if the finding is not about one. */
function subjectOf({ logAccount, region, kind }: Finding): string | undefined {
  return logAccount === undefined ? undefined : `${logAccount} ${region} ${kind}`
}

function firstPull({ sinceMs }: PullReport): string {
  return `this is the first pull: it begins with logs delivered at ${formatInstant(sinceMs)}. To begin earlier, pull to a new target with --since`
}

/** A pull before the next digests are due has nothing to verify. */
function hasVerified(verified: VerifyReport | undefined): verified is VerifyReport {
  return verified !== undefined && verified.streams.length > 0
}

/** A minute without an announced log needs no line. */
function isIdle({ heard, total, accounts, interrupted, error }: PullReport): boolean {
  const isClean = error === undefined && !interrupted && accounts.every((account) => account.error === undefined)
  return heard !== undefined && total.done === 0 && total.failed === 0 && isClean
}

function runLine({ total, seconds, sweep, findings, verified, accounts, interrupted, heard }: PullReport): string {
  const kept = accounts.filter(({ error }) => error !== undefined).length
  return [
    `${sweep ? 'swept' : 'pulled'} ${formatCount(total.done)} ${heard === undefined ? 'logs' : 'announced logs'}, ${formatBytes(total.doneBytes)} in ${formatSeconds(seconds)}`,
    ...(total.failed === 0 ? [] : [`${formatCount(total.failed)} failed`]),
    ...(kept === 0 ? [] : [`${counted(kept, 'account')} failed`]),
    ...(findings.length === 0 ? [] : [counted(findings.length, 'finding')]),
    ...(hasVerified(verified) ? [verifiedText(verified)] : []),
    ...(interrupted ? ['interrupted'] : []),
  ].join(', ')
}

function verifiedText({ logs, findings }: VerifyReport): string {
  const count = Object.values(findings).reduce((sum, some) => sum + some, 0)
  return `verified ${formatCount(logs.verified)} logs with ${counted(count, 'finding')}`
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
}

export function warnOn(stderr: Runtime['stderr']): (message: string) => void {
  return (message) => void stderr.write(`warning: ${escapeText(message)}\n`)
}
