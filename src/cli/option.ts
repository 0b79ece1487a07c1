import type { ParseText } from '../config/text-value.ts'
/** What was given for each name of an option or alias, in order. Flags are `true` or `false`. */
export type GivenArguments = ReadonlyMap<string, readonly string[]>

/** What help says of an option. */
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

/** The values of a set of options, by option name. */
export type Values<O extends OptionSet> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never
}

/** An option without a value. */
export function flag(about: OptionAbout): Option<boolean> {
  return { ...about, shape: 'flag', read: (texts) => texts?.at(-1) === 'true' }
}

/** An option with one value. */
export function single<T>(about: OptionAbout & { readonly value: string }, parse: ParseText<T>): Option<T | undefined> {
  return { ...about, shape: 'single', read: (texts, name) => readSingle(texts, name, parse) }
}

/** An option with one value, and what it is where none is given. */
export function singleOr<T>(
  about: OptionAbout & { readonly value: string },
  fallback: T,
  parse: ParseText<T>,
): Option<T> {
  return { ...about, shape: 'single', read: (texts, name) => readSingle(texts, name, parse) ?? fallback }
}

/** An option that may be given many times. Repeated values count once. */
export function many<T>(about: OptionAbout & { readonly value: string }, parse: ParseText<T>): Option<readonly T[]> {
  return {
    ...about,
    shape: 'many',
    read: (texts, name) => [...new Set((texts ?? []).map((text) => parse(text, name)))],
  }
}

/** The same as `many`, where a value may also hold several between commas. */
export function commaList<T>(
  about: OptionAbout & { readonly value: string },
  parse: ParseText<T>,
): Option<readonly T[]> {
  const option = many(about, parse)
  const split = (texts: readonly string[] | undefined) =>
    texts?.flatMap((text) => text.split(',').map((part) => part.trim()))
  return { ...option, read: (texts, name) => option.read(split(texts), name) }
}

function readSingle<T>(texts: readonly string[] | undefined, name: string, parse: ParseText<T>): T | undefined {
  const [text] = texts ?? []
  return text === undefined ? undefined : parse(text, name)
}
