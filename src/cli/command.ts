import type { Environment } from '../config/environment.ts'
import type { StopReason } from './exit-code.ts'
import type { GivenArguments, OptionSet, Values } from './option.ts'
import type { Speaker } from './render/speaker.ts'
import type { OpenApp } from '../app/crosstrail.ts'
import type { Input, Output } from './streams.ts'
import type { HandOverSignals } from './signals.ts'

export interface Runtime {
  readonly env: Environment
  /** Opened when it is first asked for: to open it takes 6 ms, and few runs read it. */
  readonly stdin: () => Input
  readonly stdout: Output
  readonly stderr: Output
  /** Aborted by the first signal, and when the reader of stdout has gone. */
  readonly signal: AbortSignal
  /** What stopped it, once the signal is aborted. */
  readonly stop: () => StopReason | undefined
  /** What a SIGINT does, where the terminal hands Ctrl-C over as a key. */
  readonly interrupt: () => void
  /** Gives signals to `onSignal` from now on: none of them stops the run then. The answered function takes them back. */
  readonly handOverSignals: HandOverSignals
  /** Says lines on stderr, above whatever is drawn there. */
  readonly speaker: Speaker
  readonly nowMs: number
  /** The options as they were typed: a command that is suggested repeats some of them. */
  readonly typed: GivenArguments
  readonly open: OpenApp
}

export interface Example {
  /** What it does, without a period. */
  readonly does: string
  readonly line: string
}

export interface Positionals {
  /** As help shows it: `[account…]`. */
  readonly usage: string
  readonly description: string
  readonly max: number
  /** True where a command line stands behind `--`, which is no positional. */
  readonly commandLine?: boolean | undefined
  /** What completion offers: these words, and names that are known only when it is asked. */
  readonly complete?:
    | { readonly words?: readonly string[] | undefined; readonly from?: 'accounts' | 'commands' | undefined }
    | undefined
}

/** One command: how it is asked for. What it does is a verb's. Files keep the order examples, options, check, run. */
export interface Command<O extends OptionSet = OptionSet, A = unknown> {
  readonly name: string
  readonly summary: string
  /** Paragraphs of help above the options. */
  readonly notes?: readonly string[]
  readonly examples: readonly Example[]
  readonly positionals?: Positionals | undefined
  readonly options: O
  /** Typed arguments from option values. `commandLine` is what stands behind `--`, where the command takes one. Throws `usage.…`. */
  check(values: Values<O>, positionals: readonly string[], nowMs: number, commandLine?: readonly string[]): A
  /** Does it, and answers the exit code. Imports what it needs lazily. */
  run(args: A, runtime: Runtime): Promise<number>
}

/** A command whose arguments are what its `check` answers. */
export function command<O extends OptionSet, A>(parts: Command<O, A>): Command<O, A> {
  return parts
}
