import type { Environment } from '../config/environment.ts'
import type { StopReason } from './exit-code.ts'
import type { GivenArguments, OptionSet, Values } from './option.ts'
import type { Speaker } from './render/speaker.ts'
import type { OpenApp } from '../app/crosstrail.ts'
import type { Fleets } from './fleet/fleets.ts'
import type { Input, Output } from './streams.ts'
import type { HandOverSignals } from './signals.ts'

export interface Runtime {
  readonly env: Environment
  /** Opens stdin on the first call. Opening takes 6 ms, and few runs read it. */
  readonly stdin: () => Input
  readonly stdout: Output
  readonly stderr: Output
  /** Aborted by the first signal, and when the reader of stdout closes it. */
  readonly signal: AbortSignal
  /** Returns the reason for the stop, once `signal` is aborted. */
  readonly stop: () => StopReason | undefined
  /** Does what SIGINT does. For a terminal that delivers Ctrl-C as a key. */
  readonly interrupt: () => void
  /** Sends signals to `onSignal`, so that they no longer stop the run. The returned function undoes it. */
  readonly handOverSignals: HandOverSignals
  /** Prints lines on stderr, above the progress bars. */
  readonly speaker: Speaker
  readonly nowMs: number
  /** The arguments as typed, without the program's name. */
  readonly argv: readonly string[]
  /** The options as typed. A suggested command repeats some of them. */
  readonly typed: GivenArguments
  readonly open: OpenApp
  readonly fleets: Fleets
}

export interface Example {
  /** What it does, without a period. */
  readonly does: string
  readonly line: string
}

export interface Positionals {
  readonly usage: string
  readonly description: string
  readonly max: number
  /** True if the command takes another command line after `--`. That is not a positional. */
  readonly commandLine?: boolean | undefined
  /** What completion offers: these words, and names that are looked up at completion. */
  readonly complete?:
    | { readonly words?: readonly string[] | undefined; readonly from?: 'accounts' | 'commands' | undefined }
    | undefined
}

/** A command: its arguments, its help and its output. Its work is done by a verb. Files keep the order examples, options, check, run. */
export interface Command<O extends OptionSet = OptionSet, A = unknown> {
  readonly name: string
  readonly summary: string
  readonly notes?: readonly string[]
  readonly examples: readonly Example[]
  readonly positionals?: Positionals | undefined
  readonly options: O
  /** Returns typed arguments. `commandLine` is what follows `--`, if the command takes a command line. Throws `usage.…`. */
  check(values: Values<O>, positionals: readonly string[], nowMs: number, commandLine?: readonly string[]): A
  /** Runs the command and returns the exit code. Imports what it needs lazily. */
  run(args: A, runtime: Runtime): Promise<number>
}

/** Infers the type of a command's arguments from its `check`. */
export function command<O extends OptionSet, A>(parts: Command<O, A>): Command<O, A> {
  return parts
}
