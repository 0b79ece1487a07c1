import { hasCode } from '../../error.ts'
import type { FailedOutcome } from '../../work/outcome.ts'
import type { RunEvent, RunListener, RunReport } from '../../work/run-event.ts'
import type { Environment } from '../../config/environment.ts'
import type { Output } from '../streams.ts'
import { exitCodeOfError, exitCodes, type StopReason } from '../exit-code.ts'
import type { GivenArguments } from '../option.ts'
import { awsOptions } from '../options/aws.ts'
import type { OutputArgs } from '../options/output.ts'
import { suggestedCommand } from '../suggested-command.ts'
import { type Paint, paintFor } from './colour.ts'
import { errorText } from './error-text.ts'
import { escapeText } from './escape.ts'
import { noProgress, progressBars, progressLines, type ProgressView } from './progress.ts'
import { type ProgressSource, ProgressState } from './progress-state.ts'
import type { Speaker } from './speaker.ts'
import { summaryLines } from './summary-lines.ts'
import { terminalWidth } from './terminal-width.ts'
import { fstatSync } from 'node:fs'

/** The messages of a run on stderr: progress, notes, failures and the summary. */
export interface Talk {
  readonly listener: RunListener
  /** Ends the progress. Safe to call twice. */
  stop(): void
  finish(report: RunReport): void
}

export interface TalkOptions {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Environment
  readonly output: OutputArgs
  readonly resultsOnStdout: boolean
  /** Whether stdout already shows objects that fail. */
  readonly failuresOnStdout: boolean
  /** The options as typed. A suggested command repeats some of them. */
  readonly typed?: GivenArguments
  readonly signal: AbortSignal
  readonly stop: () => StopReason | undefined
  readonly moves: boolean
  /** False for one run of many, where progress would never end. */
  readonly progress?: boolean
  readonly clock?: () => number
  /** The speaker whose lines, such as questions, are printed above the bars. */
  readonly speaker?: Speaker
}

export function startTalk(options: TalkOptions): Talk {
  const { stderr, output } = options
  const paint = paintFor(stderr, options.env, output.noColor)
  const state = new ProgressState(options.clock ?? Date.now)
  const view = progressView(options, state)
  const takeBack = options.speaker?.lendTo(view)
  const onAbort = () => {
    // If the reader of stdout closed it, no message is needed
    if (!output.quiet && options.stop() !== 'output-closed')
      view.say('stopping: objects in progress are finished first; a second Ctrl-C stops at once')
  }
  options.signal.addEventListener('abort', onAbort, { once: true })
  let stopped = false
  const stop = () => {
    takeBack?.()
    if (!stopped) view.stop()
    stopped = true
    options.signal.removeEventListener('abort', onAbort)
  }
  return {
    listener(event) {
      state.take(event)
      const line = eventLine(event, options, paint)
      if (line !== undefined) view.say(line)
    },
    stop,
    finish(report) {
      stop()
      if (report.error !== undefined) stderr.write(`${errorText(report.error, output.output, paint)}\n`)
      if (!output.quiet) stderr.write(`${summaryLines(report, options.moves, terminalWidth(stderr)).join('\n')}\n`)
    },
  }
}

/**
 * | quiet | stderr a terminal that draws | stdout a pipe | results on stdout, and it is a terminal | progress |
 * | --- | --- | --- | --- | --- |
 * | yes | | | | none |
 * | no | no | | | lines |
 * | no | yes | yes | | none: a pager may use the terminal, and bars would overwrite its page |
 * | no | yes | no | yes | none: results would tear bars |
 * | no | yes | no | no | bars |
 */
export function progressKind(
  quiet: boolean,
  stderrTerminal: boolean,
  stdoutPipe: boolean,
  resultsOnTerminal: boolean,
): 'none' | 'lines' | 'bars' {
  if (quiet) return 'none'
  if (!stderrTerminal) return 'lines'
  return stdoutPipe || resultsOnTerminal ? 'none' : 'bars'
}

/** Starts to draw the progress, in the way that fits stdout and stderr. */
export function progressView(
  options: Pick<TalkOptions, 'stdout' | 'stderr' | 'env' | 'output' | 'resultsOnStdout' | 'progress'>,
  source: ProgressSource,
): ProgressView {
  const { stdout, stderr, env, output, resultsOnStdout, progress = true } = options
  const drawable = stderr.isTTY === true && env['TERM'] !== 'dumb'
  if (!progress) return noProgress(stderr)
  switch (progressKind(output.quiet, drawable, isPipe(stdout), resultsOnStdout && stdout.isTTY === true)) {
    case 'bars':
      return progressBars(stderr, source)
    case 'lines':
      return progressLines(stderr, source)
    case 'none':
      return noProgress(stderr)
  }
}

function eventLine(event: RunEvent, options: TalkOptions, paint: Paint): string | undefined {
  const { output, failuresOnStdout, typed = new Map<string, readonly string[]>() } = options
  switch (event.type) {
    case 'account-failed': {
      const told = errorText(event.error, output.output, paint)
      if (output.output === 'json') return told
      const lines = [`account ${paint('bold', escapeText(event.account))} failed`, told]
      if (!output.quiet && isForDoctor(event.error)) {
        const doctor = suggestedCommand(['doctor', event.account], typed, awsOptions)
        lines.push(`to see what to change: ${escapeText(doctor)}`)
      }
      return lines.join('\n')
    }
    case 'note': {
      if (output.quiet || (event.level === 'info' && !output.verbose)) return undefined
      const account = event.account === undefined ? '' : `${escapeText(event.account)}: `
      return `${event.level === 'warning' ? paint('yellow', 'warning:') : 'note:'} ${account}${escapeText(event.message)}`
    }
    case 'outcome':
      return event.outcome.status === 'failed' && !failuresOnStdout ? failureLine(event.outcome, paint) : undefined
    case 'account-started':
      return output.verbose && !output.quiet
        ? `${escapeText(event.account)}: ${event.logAccounts} log accounts in ${event.slices} slices`
        : undefined
    case 'listed':
    case 'listing-finished':
    case 'verifying':
      return undefined
  }
}

/** Whether doctor can explain the failure: it is about access, and not the `allow` of the config, whose message is enough. */
function isForDoctor(error: unknown): boolean {
  const isGuard = hasCode(error, 'access.verb-not-allowed')
  return !isGuard && exitCodeOfError(error) === exitCodes.noAccess
}

function failureLine({ account, object, error }: FailedOutcome, paint: Paint): string {
  return `${paint('red', 'failed:')} ${escapeText(account)} ${escapeText(object.key)}: ${escapeText(error.message)}`
}

/** Whether the output goes to another program, which may be a pager on the terminal. */
function isPipe({ fd }: Output): boolean {
  if (fd === undefined) return false
  const stats = fstatSync(fd)
  return stats.isFIFO() || stats.isSocket()
}
