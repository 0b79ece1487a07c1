import { CrosstrailError } from '../error.ts'
import { lastInstantMs } from '../trail/calendar.ts'
import type { Shard } from '../trail/shard.ts'
import { parseStart, parseWindow } from '../trail/time.ts'
import type { Window } from '../trail/window.ts'
import { wrongValue } from '../config/text-value.ts'

/** Throws `usage.invalid-value` if a number is not whole or out of range. The range includes both ends. */
export function demandWhole(
  name: string,
  value: number | undefined,
  [min, max = Number.MAX_SAFE_INTEGER]: readonly [min: number, max?: number],
): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  throw wrongValue(name, String(value), `a whole number ${range}`)
}

/**
 * Checks the options of a verb, and returns them. Throws `usage.invalid-value` if a number is negative or not whole, and `usage.window` if a
 * window is empty or begins in the future: the verb would do nothing, and its report would look correct. The command line refuses the same.
 */
export function demandSense<Options extends object>(options: Options, nowMs: number): Options {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number')
      demandWhole(name, value, [0, name === 'sinceMs' ? lastInstantMs : Number.MAX_SAFE_INTEGER])
  }
  const { selection, window, sinceMs } = options as {
    selection?: { window: Window; shard?: Shard | undefined; piece?: Window | undefined }
    window?: Window
    sinceMs?: number
  }
  for (const { fromMs, toMs } of [selection?.window ?? {}, window ?? {}]) {
    demandWhole('fromMs', fromMs, [0, lastInstantMs])
    demandWhole('toMs', toMs, [0, lastInstantMs])
    parseWindow({ from: textOf(fromMs), to: textOf(toMs) }, nowMs)
  }
  demandWhole('piece.fromMs', selection?.piece?.fromMs, [0, lastInstantMs])
  demandWhole('piece.toMs', selection?.piece?.toMs, [0, lastInstantMs])
  demandShard(selection?.shard, { ...selection?.window, ...window })
  if (sinceMs !== undefined) parseStart(textOf(sinceMs), nowMs)
  return options
}

function demandShard(shard: Shard | undefined, { fromMs, toMs }: Window): void {
  if (shard === undefined) return
  const { index, count } = shard
  demandWhole('shard.count', count, [1])
  demandWhole('shard.index', index, [0, count - 1])
  if (fromMs !== undefined && toMs !== undefined) return
  throw new CrosstrailError('usage.shard', 'a shard needs a window with a start and an end', {
    hint: 'all machines must select the same, whenever each one starts',
  })
}

function textOf(instantMs: number): string
function textOf(instantMs: number | undefined): string | undefined
function textOf(instantMs: number | undefined): string | undefined {
  return instantMs === undefined ? undefined : new Date(instantMs).toISOString()
}
