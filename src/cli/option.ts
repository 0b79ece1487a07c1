import type { ParseText } from '../config/text-value.ts'
import { oneOf } from './parse-text.ts'

/** What was given for each name of an option or alias, in order. Flags are `true` or `false`. */
export type GivenArguments = ReadonlyMap<string, readonly string[]>

export interface OptionAbout {
  readonly group: string
  /** One or more sentences without a final period. */
  readonly description: string
  /** The placeholder of the value: `time`. Missing for a flag. */
  readonly value?: string | undefined
  readonly choices?: readonly string[] | undefined
  readonly aliases?: readonly string[] | undefined
  /** One letter for it: `o` for `-o`. */
  readonly short?: string | undefined
  /** Aliases that have no environment variable, since on another command the name means something else. */
  readonly argumentAliases?: readonly string[] | undefined
  /** Options whose environment variables are forgotten when this one is an argument. */
  readonly overrides?: readonly string[] | undefined
  /** True for what confirms or widens a deletion: it has no environment variable, and is typed every time. */
  readonly typedOnly?: boolean | undefined
  /** What completion offers as its value beside `choices`. */
  readonly complete?: 'accounts' | 'regions' | undefined
}

/** One option of a command: what help says of it, and how its text becomes a value. */
export interface Option<T> extends OptionAbout {
  readonly shape: 'flag' | 'single' | 'many'
  /**
   * Reads what was given, in order; undefined where nothing was. `name` is what the person wrote: `--from` or `CROSSTRAIL_FROM`.
   * Throws `usage.…`.
   */
  read(texts: readonly string[] | undefined, name: string): T
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

/** Options that stand below one heading of the help. */
export function grouped<O extends OptionSet>(group: string, options: O): O {
  const named = Object.entries(options).map(([name, option]) => [name, { ...option, group }])
  return Object.fromEntries(named) as O
}

/** An option without a value. */
export function flag(description: string, more: More = {}): Option<boolean> {
  return { ...more, group: '', description, shape: 'flag', read: (texts) => texts?.at(-1) === 'true' }
}

/** An option with one value. */
export function single<T>(value: string, description: string, parse: ParseText<T>, more?: More): Option<T | undefined> {
  return singleOr<T | undefined>(value, description, undefined, parse, more)
}

/** An option with one value, and what it is if none is given. */
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

/** An option with one of a few words. */
export function choice<T extends string>(value: string, description: string, choices: readonly T[], more: More = {}) {
  return single(value, description, oneOf(choices), { ...more, choices })
}

/** An option with one of a few words, and which it is if none is given. */
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

/** The same as `many`, and a value may also hold several between commas. */
export function commaList<T>(
  value: string,
  description: string,
  parse: ParseText<T>,
  more?: More,
): Option<readonly T[]> {
  const option = many(value, description, parse, more)
  const split = (text: string) => text.split(',').map((part) => part.trim())
  return { ...option, read: (texts, name) => option.read(texts?.flatMap(split), name) }
}

/** A comma list of a few words. */
export function choiceList<T extends string>(value: string, description: string, choices: readonly T[]) {
  return commaList(value, description, oneOf(choices), { choices })
}
