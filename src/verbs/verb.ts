import { everything, type Selection, wholeSelection } from '../work/selection.ts'
import type { Host } from './host.ts'
import type { Rights } from './rights.ts'

/** A verb: what it is asked, what it needs, and how it runs. */
export interface Verb<Options extends object, Defaults extends Partial<Options>, Report> {
  readonly name: string
  /** The options that may be left out, and what they are then. */
  readonly defaults: Defaults
  /** What its sessions may do. Without it the verb opens none, or asks for what each account's `allow` says. */
  readonly rights?: ((options: Options) => Rights) | undefined
  /** Imports what it needs when it is called, so that a verb is cheap to know. */
  readonly run: (options: Options, host: Host) => Promise<Report>
}

/** Options as they are given: those with a default may be left out, and of a selection everything. */
export type Given<Options extends object, Defaults extends Partial<Options>> = Omit<
  Options,
  keyof Defaults | Optional<Options>
> & {
  readonly [K in (keyof Defaults & keyof Options) | Optional<Options>]?:
    | (K extends 'selection' ? Partial<Selection> : Options[K])
    | undefined
}

type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

/** Options with the defaults of what was left out. */
export function asked<Options extends object, Defaults extends Partial<Options>>(
  given: Given<Options, Defaults>,
  defaults: Defaults,
): Options {
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const { selection = {} } = given as { selection?: Partial<Selection> }
  const selecting = 'selection' in defaults ? { selection: wholeSelection({ ...everything, ...selection }) } : {}
  return { ...defaults, ...named, ...selecting } as unknown as Options
}
