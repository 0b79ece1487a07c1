import type { CrosstrailError } from '../error.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { StopReason } from './exit-code.ts'
import type { ShownFormat } from './options/events.ts'
import type { OutputFormat } from './options/output.ts'
import { openPager } from './pager.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { startTalk } from './render/talk.ts'
import type { Output } from './streams.ts'

/** How a result is shown. */
export interface ShownResult {
  readonly format: ShownFormat
  readonly pager: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
}

/** Where a result and the messages about it go. */
export interface Show {
  /** Stdout, or a pager in front of it. */
  readonly stdout: Output
  /** Aborted when the run is, and when the person has left the pager. */
  readonly signal: AbortSignal
  readonly stop: () => StopReason | undefined
  readonly listener: RunListener
  /** The format of messages on stderr. */
  readonly messages: OutputFormat
  /** Prints an error and the summary on stderr. */
  tell(error: CrosstrailError | undefined, summary: readonly string[]): void
  /** Waits until the person has left the pager, and ends the progress. Safe to call twice. */
  close(): Promise<void>
}

/** Starts a pager, if one is wanted, and the messages of a run. */
export function startShow(shown: ShownResult, runtime: Runtime, mayPage: boolean): Show {
  const { stderr, env } = runtime
  const pager = shown.pager && mayPage ? openPager(runtime) : undefined
  const signal = pager === undefined ? runtime.signal : AbortSignal.any([runtime.signal, pager.left])
  const stop = () => runtime.stop() ?? (pager?.left.aborted === true ? 'output-closed' : undefined)
  const messages: OutputFormat = shown.format === 'json' || shown.format === 'csv' ? shown.format : 'table'
  const output = { ...shown, output: messages }
  const talk = startTalk({
    ...runtime,
    stderr: pager?.stderr ?? stderr,
    signal,
    stop,
    output,
    resultsOnStdout: true,
    failuresOnStdout: false,
    moves: false,
  })
  return {
    stdout: pager?.stdout ?? runtime.stdout,
    signal,
    stop,
    listener: talk.listener,
    messages,
    tell(error, summary) {
      talk.stop()
      if (error !== undefined) stderr.write(`${errorText(error, messages, paintFor(stderr, env, shown.noColor))}\n`)
      if (stop() !== 'output-closed' && !shown.quiet && summary.length > 0) stderr.write(`${summary.join('\n')}\n`)
    },
    async close() {
      await pager?.close()
      talk.stop()
    },
  }
}
