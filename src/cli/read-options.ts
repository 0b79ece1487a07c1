import { suggest } from '../config/suggest.ts'
import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'
import type { GivenArguments, Option, OptionSet, Values } from './option.ts'

/**
 * Returns the values of a command's options: from the argument, else the environment variable, else the default.
 *
 * Only the variables of the command's own options are read. An empty variable counts as not set. The variable of an option that must be
 * typed is refused. Throws `usage.typed-only`, `usage.unknown-option`, `usage.repeated-option`, `usage.missing-value`, `usage.invalid-value`.
 */
export function readOptions<O extends OptionSet>(options: O, given: GivenArguments, env: Environment): Values<O> {
  refuseUnknown(options, given)
  const overridden = new Set(
    Object.entries(options).flatMap(([name, option]) =>
      argumentNames(name, option).some((alias) => given.has(alias)) ? (option.overrides ?? []) : [],
    ),
  )
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      const source =
        fromArguments(name, option, given) ?? (overridden.has(name) ? undefined : fromEnvironment(name, option, env))
      return [name, option.read(source?.texts, source?.name ?? `--${name}`, env)]
    }),
  ) as Values<O>
}

/** All names of an option as an argument. */
export function argumentNames(name: string, option: Option<unknown>): string[] {
  const short = option.short === undefined ? [] : [option.short]
  return [name, ...(option.aliases ?? []), ...(option.argumentAliases ?? []), ...short]
}

/** The name as typed: `--from`, `-o`. */
export function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}

/** The environment variable of an option: `CROSSTRAIL_MAX_BYTES`. */
export function variableName(name: string): string {
  return `CROSSTRAIL_${name.toUpperCase().replaceAll('-', '_')}`
}

interface Source {
  readonly name: string
  readonly texts: readonly string[]
}

function refuseUnknown(options: OptionSet, given: GivenArguments): void {
  const known = [
    ...Object.entries(options).flatMap(([name, option]) => argumentNames(name, option)),
    'help',
    'h',
    'version',
    'V',
  ]
  for (const name of given.keys()) {
    if (known.includes(name)) continue
    const near = suggest(name, known)
    throw new CrosstrailError('usage.unknown-option', `unknown option ${dashed(name)}`, {
      hint: near === undefined ? 'see --help for the options of this command' : `did you mean ${dashed(near)}?`,
      facts: { option: dashed(name) },
    })
  }
}

function fromArguments(name: string, option: Option<unknown>, given: GivenArguments): Source | undefined {
  const names = argumentNames(name, option).filter((alias) => given.has(alias))
  const [first] = names
  if (first === undefined) return undefined
  const shown = names.map(dashed).join(' and ')
  const texts = names.flatMap((alias) => given.get(alias) ?? [])
  if (texts.includes('')) {
    throw new CrosstrailError('usage.missing-value', `${shown} needs a value`, {
      hint: option.value === undefined ? undefined : `write it as ${dashed(first)} <${option.value}>`,
      facts: { option: dashed(first) },
    })
  }
  return checkedSource({ name: shown, texts }, option)
}

function fromEnvironment(name: string, option: Option<unknown>, env: Environment): Source | undefined {
  if (option.argumentOnly === true) return undefined
  const variables = [name, ...(option.aliases ?? [])].map(variableName).filter((variable) => env[variable])
  if (variables.length === 0) return undefined
  if (option.typedOnly === true) throw typedOnly(name, variables)
  const texts = variables.map((variable) => env[variable] ?? '')
  const shown = variables.join(' and ')
  if (option.shape === 'flag') return { name: shown, texts: texts.map((text) => truth(text, shown)) }
  if (option.shape === 'many') return { name: shown, texts: texts.flatMap((text) => text.split('\n')).filter(Boolean) }
  return checkedSource({ name: shown, texts }, option)
}

function typedOnly(name: string, variables: readonly string[]): CrosstrailError {
  const [variable = ''] = variables
  return new CrosstrailError('usage.typed-only', `${variable} is set, and --${name} has no environment variable`, {
    hint: `it confirms or widens a deletion, so it must be typed each time: unset ${variable}`,
    facts: { option: `--${name}`, variable },
  })
}

function checkedSource(source: Source, option: Option<unknown>): Source {
  if (option.shape === 'single' && source.texts.length > 1) {
    throw new CrosstrailError('usage.repeated-option', `${source.name} is given more than once`, {
      facts: { option: source.name, times: source.texts.length },
    })
  }
  return source
}

function truth(text: string, name: string): 'true' | 'false' {
  if (/^(?:true|1|yes|on)$/i.test(text)) return 'true'
  if (/^(?:false|0|no|off)$/i.test(text)) return 'false'
  throw new CrosstrailError('usage.invalid-value', `${name} is ${JSON.stringify(text)}, expected true or false`, {
    facts: { option: name, value: text, expected: 'true or false' },
  })
}
