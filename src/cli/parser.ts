import yargs from 'yargs'
import type { Command } from './command.ts'
import type { GivenArguments } from './option.ts'
import { argumentNames } from './read-options.ts'
import { CrosstrailError } from '../error.ts'

export interface ParsedArguments {
  /** The first positional: a command's name, if it is one. */
  readonly commandName: string | undefined
  readonly positionals: readonly string[]
  /** What follows `--`, unchanged, for a command that takes a command line. For other commands these are positionals. */
  readonly commandLine: readonly string[]
  readonly given: GivenArguments
}

/** Splits arguments into a command, positionals and options. Throws `usage.unknown-option`, `usage.invalid-value`. */
export async function parseArguments(all: readonly string[], commands: readonly Command[]): Promise<ParsedArguments> {
  const own = ownArguments(all)
  const behindDashes = all.slice(own.length + 1)
  const flags = ['h', 'help', 'V', 'version', ...commands.flatMap(flagNames)]
  const argv = withDashValues(own, flags)
  refuseMisread(argv, flags)
  let parsed: Record<string, unknown> | undefined
  // Flags are declared outside of the commands too, or yargs would read `--quiet list` as a flag with a value
  const instance = quietYargs(argv).boolean(flags)
  for (const command of commands) {
    instance.command(
      command.name,
      false,
      (builder) => declareOptions(builder, command),
      (values) => {
        parsed = values
      },
    )
  }
  const outside = await instance.parse()
  const values = parsed ?? outside
  const words = (values['_'] as readonly unknown[]).map(String)
  const takesCommandLine = commands.find(({ name }) => name === words[0])?.positionals?.commandLine === true
  const [commandName, ...positionals] = takesCommandLine ? words : [...words, ...behindDashes]
  return {
    commandName,
    positionals,
    commandLine: takesCommandLine ? behindDashes : [],
    given: givenArguments(values),
  }
}

/** The arguments before the first `--`. Those after it are not options of crosstrail. */
export function ownArguments(all: readonly string[]): readonly string[] {
  const at = all.indexOf('--')
  return at === -1 ? all : all.slice(0, at)
}

function quietYargs(argv: readonly string[]) {
  return yargs([...argv])
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'flatten-duplicate-arrays': true,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
      'strip-aliased': true,
    })
}

function declareOptions(builder: ReturnType<typeof quietYargs>, command: Command): ReturnType<typeof quietYargs> {
  for (const [name, option] of Object.entries(command.options)) {
    for (const alias of argumentNames(name, option)) {
      builder.option(alias, { type: option.shape === 'flag' ? 'boolean' : 'string' })
    }
  }
  return builder
}

function flagNames(command: Command): string[] {
  return Object.entries(command.options).flatMap(([name, option]) =>
    option.shape === 'flag' ? argumentNames(name, option) : [],
  )
}

/** Refuses what yargs misreads: its own names, names that every object has, and `--dry-run=yes`, which it reads as false. */
function refuseMisread(argv: readonly string[], flags: readonly string[]): void {
  for (const argument of argv) {
    const [, name, value] = /^--?([^=\d][^=]*)(?:=(.*))?$/su.exec(argument) ?? []
    if (name === undefined || name === '-') continue
    if (name === '_' || name === '$0' || name in {}) {
      throw new CrosstrailError('usage.unknown-option', `unknown option --${name}`, { facts: { option: `--${name}` } })
    }
    if (value === undefined || !flags.includes(name) || /^(?:true|false)$/.test(value)) continue
    throw new CrosstrailError('usage.invalid-value', `--${name} is ${JSON.stringify(value)}, expected no value`, {
      hint: `write --${name} alone, or --${name}=false`,
      facts: { option: `--${name}`, value },
    })
  }
}

/** Rewrites `--check -` to `--check=-`, because yargs never reads a lone dash as a value. */
function withDashValues(argv: readonly string[], flags: readonly string[]): string[] {
  const joined: string[] = []
  for (const argument of argv) {
    const before = joined.at(-1) ?? ''
    const wantsValue = /^--[^=]+$/.test(before) && !flags.includes(before.slice(2))
    if (argument === '-' && wantsValue) joined.splice(-1, 1, `${before}=-`)
    else joined.push(argument)
  }
  return joined
}

function givenArguments(values: Readonly<Record<string, unknown>>): GivenArguments {
  const given = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(values)) {
    if (name === '_' || name === '$0' || value === undefined) continue
    given.set(name, (Array.isArray(value) ? value : [value]).map(String))
  }
  return given
}
