import type { EventEmitter } from 'node:events'
import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'
import type { Input, Output } from './streams.ts'
import type { Runtime } from './command.ts'
import { commandList } from './command-list.ts'
import { printVersion } from './commands/version.ts'
import { commandNamed } from './command-named.ts'
import { completeTyped } from './complete-typed.ts'
import { completionArgument } from './completion-scripts.ts'
import { exitCodeOfError, exitCodeOfStop } from './exit-code.ts'
import { type Fleets, lazyFleets } from './fleet/fleets.ts'
import { commandHelp, generalHelp } from './help-page.ts'
import { ownArguments, parseArguments } from './parser.ts'
import { printText } from './print-text.ts'
import { refuseExtraPositionals } from './positionals.ts'
import type { GivenArguments } from './option.ts'
import { readOptions } from './read-options.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { maskOutput } from './render/masked-output.ts'
import { Speaker } from './render/speaker.ts'
import type { OpenApp } from '../app/crosstrail.ts'
import { type StopWatch, watchForStop } from './signals.ts'

/** What crosstrail needs of the process that it runs in. `process` is one. */
export interface Host extends EventEmitter {
  readonly env: Environment
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  exit(code: number): void
}

/** Runs a command line, without the program's name, and returns the exit code. Never rejects. */
export async function main(
  argv: readonly string[],
  host: Host,
  open: OpenApp = openLazily,
  fleets: Fleets = lazyFleets,
): Promise<number> {
  const { env, stdout, stderr } = host
  const speaker = new Speaker(stderr)
  const watch = watchForStop(host, () => speaker.end())
  const endMasking = maskOutput(stderr)
  const stdin = () => host.stdin
  const runtime = { ...watch, argv, env, stdin, stdout, stderr, speaker, open, fleets }
  const onBug = (error: unknown) => host.exit(tell(error, argv, host, watch))
  host.on('uncaughtException', onBug)
  try {
    return await dispatch(argv, { ...runtime, nowMs: Date.now(), typed: new Map() })
  } catch (error) {
    return tell(error, argv, host, watch)
  } finally {
    host.off('uncaughtException', onBug)
    watch.dispose()
    endMasking()
  }
}

async function openLazily(...options: Parameters<OpenApp>): ReturnType<OpenApp> {
  const { openApp } = await import('../app/open-crosstrail.ts')
  return openApp(...options)
}

async function dispatch(argv: readonly string[], runtime: Runtime): Promise<number> {
  const { env, stdout } = runtime
  if (argv[0] === completionArgument) return completeTyped(argv.slice(1), commandList, runtime)
  const { commandName, positionals, commandLine, given } = await parseArguments(argv, commandList)
  if (given.has('version') || given.has('V')) return printVersion(stdout, isVerbose(given))
  const command = commandName === undefined ? undefined : commandNamed(commandName, commandList)
  if (given.has('help') || given.has('h')) {
    const columns = stdout.columns
    return printText(stdout, command === undefined ? generalHelp(commandList, columns) : commandHelp(command, columns))
  }
  if (command === undefined) {
    readOptions({}, given, env)
    return printText(stdout, generalHelp(commandList, stdout.columns))
  }
  const values = readOptions(command.options, given, env)
  refuseExtraPositionals(command, positionals, given)
  return command.run(command.check(values, positionals, runtime.nowMs, commandLine), { ...runtime, typed: given })
}

function isVerbose(given: GivenArguments): boolean {
  return [...(given.get('verbose') ?? []), ...(given.get('v') ?? [])].at(-1) === 'true'
}

/** Prints an error on stderr and returns its exit code. After a signal it prints only the stop, and after a closed pipe nothing. */
function tell(error: unknown, all: readonly string[], { env, stderr }: Host, watch: StopWatch): number {
  const argv = ownArguments(all)
  const stop = watch.stop()
  if (stop === 'output-closed' && isStop(error)) return exitCodeOfStop(stop)
  const format = wantsJson(argv, env) ? 'json' : 'table'
  const shown = stop !== undefined && isStop(error) ? watch.signal.reason : error
  stderr.write(`${errorText(shown, format, paintFor(stderr, env, argv.includes('--no-color')))}\n`)
  return stop !== undefined && isStop(error) ? exitCodeOfStop(stop) : exitCodeOfError(error)
}

function isStop(error: unknown): boolean {
  return error instanceof CrosstrailError
    ? error.code === 'interrupted'
    : error instanceof Error && error.name === 'AbortError'
}

/** Reads the arguments loosely, because they may be the cause of the error. */
function wantsJson(argv: readonly string[], env: Environment): boolean {
  const asked = argv.flatMap((argument, at) => {
    const [, name, value] = /^(--output|-o)(?:=(.*))?$/s.exec(argument) ?? []
    return name === undefined ? [] : [value ?? argv[at + 1]]
  })
  return (asked.length === 0 ? env['CROSSTRAIL_OUTPUT'] : asked.at(-1)) === 'json'
}
