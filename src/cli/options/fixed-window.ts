import { type CrosstrailError } from '../../error.ts'
import { dayMs } from '../../trail/calendar.ts'
import { formatInstant, parseInstant } from '../../trail/time.ts'
import type { Window } from '../../trail/window.ts'
import { givenOptions } from '../option.ts'

/** An option that gives the work to several machines. */
export interface Sharing {
  /** `--shard`. */
  readonly option: string
  /** Options that it does not go together with, and why. */
  readonly refused: readonly { readonly options: readonly string[]; readonly why: string }[]
  readonly wrong: (message: string, hint: string) => CrosstrailError
}

/** What makes a part of the work depend on when it runs, or needs to know the other parts. */
export const needsTheWhole = {
  options: ['last', 'older-than', 'max-objects', 'max-bytes', 'sort', 'limit', 'sql', 'sql-file'],
  why: 'each machine knows only its own part of the logs',
}

/**
 * Throws unless all machines that read the same command select the same: the window must have a start and an end that do not depend on the
 * clock, and be over.
 */
export function demandFixedWork(
  { option, refused, wrong }: Sharing,
  values: Readonly<Record<string, unknown>>,
  { fromMs, toMs }: Window,
  nowMs: number,
): void {
  for (const { options, why } of refused) {
    const [first] = givenOptions(values, options)
    if (first !== undefined) throw wrong(`${option} does not go together with --${first}`, why)
  }
  if (fromMs === undefined || toMs === undefined) {
    throw wrong(`${option} needs --from and --until`, 'all machines must select the same, whenever each one starts')
  }
  for (const name of ['from', 'until'] as const) {
    const text = values[name]
    if (typeof text !== 'string' || parseInstant(text, nowMs) === parseInstant(text, nowMs + dayMs)) continue
    throw wrong(
      `${option} needs a date for --${name}, and ${text} depends on the clock`,
      'give a day, a minute or RFC 3339: 2026-11-01',
    )
  }
  if (toMs > nowMs) {
    throw wrong(
      `${option} needs a window that is over, and --until is ${formatInstant(toMs)}; it is now ${formatInstant(nowMs)}`,
      'otherwise each machine would see other logs at its end',
    )
  }
}
