import type { Environment } from '../config/environment.ts'
import type { ParseText } from '../config/text-value.ts'
import { oneOf } from './parse-text.ts'

/** The values given for each option name or alias, in order. Flags are `true` or `false`. */
export type GivenArguments = ReadonlyMap<string, readonly string[]>

export interface OptionAbout {
  readonly group: string
  /** One or more sentences without a final period. */
  readonly description: string
  /** The placeholder of the value: `time`. Missing for a flag. */
  readonly value?: string | undefined
  readonly choices?: readonly string[] | undefined
  readonly aliases?: readonly string[] | undefined
  readonly short?: string | undefined
  /** Aliases without an environment variable, because the name means something else on another command. */
  readonly argumentAliases?: readonly string[] | undefined
  /** Options whose environment variables are ignored if this one is an argument. */
  readonly overrides?: readonly string[] | undefined
  /** True for an option that confirms or widens a deletion. It has no environment variable and must be typed every time. */
  readonly typedOnly?: boolean | undefined
  /** True for an option whose environment variable is ignored, because the name means something else on another command. */
  readonly argumentOnly?: boolean | undefined
  /** What completion offers as its value if there are no `choices`. */
  readonly complete?: 'accounts' | 'regions' | undefined
}

/** An option of a command: its help, and how its text becomes a value. */
export interface Option<T> extends OptionAbout {
  readonly shape: 'flag' | 'single' | 'many'
  /**
   * Reads the given texts, in order; undefined if none were given. `name` is what the person wrote: `--from` or `CROSSTRAIL_FROM`.
   * Throws `usage.…`.
   */
  read(texts: readonly string[] | undefined, name: string, env: Environment): T
}

export type OptionSet = Readonly<Record<string, Option<unknown>>>

export type Values<O extends OptionSet> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never
}

type More = Omit<OptionAbout, 'group' | 'value' | 'description'>

/** Those of `names` that were given a value. */
export function givenOptions(values: Readonly<Record<string, unknown>>, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const value = values[name]
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
  })
}

export function grouped<O extends OptionSet>(group: string, options: O): O {
  const named = Object.entries(options).map(([name, option]) => [name, { ...option, group }])
  return Object.fromEntries(named) as O
}

export function flag(description: string, more: More = {}): Option<boolean> {
  return { ...more, group: '', description, shape: 'flag', read: (texts) => texts?.at(-1) === 'true' }
}

export function single<T>(value: string, description: string, parse: ParseText<T>, more?: More): Option<T | undefined> {
  return singleOr<T | undefined>(value, description, undefined, parse, more)
}

/** An option with one value and a default. */
export function singleOr<T>(
  value: string,
  description: string,
  fallback: T,
  parse: ParseText<T>,
  more: More = {},
): Option<T> {
  const read: Option<T>['read'] = ([text] = [], name) => (text === undefined ? fallback : parse(text, name))
  return { ...more, group: '', value, description, shape: 'single', read }
}

export function choice<T extends string>(value: string, description: string, choices: readonly T[], more: More = {}) {
  return single(value, description, oneOf(choices), { ...more, choices })
}

/** An option whose value is one of `choices`, with a default. */
export function choiceOr<T extends string>(
  value: string,
  description: string,
  fallback: NoInfer<T>,
  choices: readonly T[],
  more: More = {},
) {
  return singleOr<T>(value, description, fallback, oneOf(choices), { ...more, choices })
}

/** An option that may be given many times. Repeated values count once. */
export function many<T>(
  value: string,
  description: string,
  parse: ParseText<T>,
  more: More = {},
): Option<readonly T[]> {
  const read: Option<readonly T[]>['read'] = (texts = [], name) => [...new Set(texts.map((text) => parse(text, name)))]
  return { ...more, group: '', value, description, shape: 'many', read }
}

/** The same as `many`, but a text may contain several values, separated by commas. */
export function commaList<T>(
  value: string,
  description: string,
  parse: ParseText<T>,
  more?: More,
): Option<readonly T[]> {
  const option = many(value, description, parse, more)
  const split = (text: string) => text.split(',').map((part) => part.trim())
  return { ...option, read: (texts, name, env) => option.read(texts?.flatMap(split), name, env) }
}

export function choiceList<T extends string>(value: string, description: string, choices: readonly T[]) {
  return commaList(value, description, oneOf(choices), { choices })
}
