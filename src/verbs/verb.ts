import { everything, type Selection, wholeSelection } from '../work/selection.ts'
import type { Host } from './host.ts'
import type { Rights } from './rights.ts'

/** A verb: its options, its rights, and how it runs. */
export interface Verb<Options extends object, Defaults extends Partial<Options>, Report> {
  readonly name: string
  /** The values of options that may be missing. */
  readonly defaults: Defaults
  /** The rights of its sessions. If missing, the verb opens no session, or opens it for what each account's `allow` says. */
  readonly rights?: ((options: Options) => Rights) | undefined
  /** Runs the verb. It imports what it needs only then, so that importing a verb is cheap. */
  readonly run: (options: Options, host: Host) => Promise<Report>
}

/** Options as a caller gives them. Options with a default may be missing, and so may any part of a selection. */
export type Given<Options extends object, Defaults extends Partial<Options>> = Omit<
  Options,
  keyof Defaults | Optional<Options>
> & {
  readonly [K in (keyof Defaults & keyof Options) | Optional<Options>]?:
    | (K extends 'selection' ? Partial<Selection> : Options[K])
    | undefined
}

type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

/** Returns the options with defaults for those that are missing. */
export function asked<Options extends object, Defaults extends Partial<Options>>(
  given: Given<Options, Defaults>,
  defaults: Defaults,
): Options {
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const { selection = {} } = given as { selection?: Partial<Selection> }
  const selecting = 'selection' in defaults ? { selection: wholeSelection({ ...everything, ...selection }) } : {}
  return { ...defaults, ...named, ...selecting } as unknown as Options
}
