import { type AccountId, isAccountId } from '../../trail/account-id.ts'
import { kinds } from '../../trail/kind.ts'
import type { Shard } from '../../trail/shard.ts'
import { isRegion } from '../../trail/region.ts'
import { parseWindow } from '../../trail/time.ts'
import type { Selection } from '../../work/selection.ts'
import { choiceList, commaList, grouped, many, single, type Values } from '../option.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { readShard } from './sharding.ts'

const start = grouped('Selecting', {
  from: single(
    'time',
    'Start of the window of delivery times: a day, a minute, RFC 3339, "today", "yesterday" or "7d ago"; UTC unless an offset is given',
    anyText,
    { aliases: ['since'], overrides: ['last'] },
  ),
})

const end = 'End of the window (exclusive)'

/** For pull, where the coverage decides instead of a window. */
export const selectingWithoutWindow = grouped('Selecting', {
  region: commaList('region', 'Only logs of this region. Repeatable', regionName, { complete: 'regions' }),
  'log-account': commaList('id', 'Only logs of this AWS account (12 digits). Repeatable', accountId),
  kind: choiceList('kind', 'Only logs of this kind. Repeatable', kinds),
  include: many('glob', 'Only keys that match this glob. Repeatable', anyText),
  exclude: many('glob', 'Skip keys that match this glob. Repeatable', anyText),
})

const others = {
  ...grouped('Selecting', {
    last: single(
      'duration',
      'The window from this long ago until now: 24h, 7d, 90m. Replaces --from and --until',
      anyText,
      { overrides: ['from', 'until'] },
    ),
  }),
  ...selectingWithoutWindow,
}

/** For commands whose `--to` is a destination: the window ends only with `--until`. */
export const selectingBesideDestination = {
  ...start,
  ...grouped('Selecting', {
    until: single('time', `${end}. Here --to is the destination and never the window's end`, anyText, {
      overrides: ['last'],
    }),
  }),
  ...others,
}

/** For commands without a destination: `--to` ends the window too. */
export const selecting = {
  ...start,
  ...grouped('Selecting', { until: single('time', end, anyText, { overrides: ['last'], argumentAliases: ['to'] }) }),
  ...others,
}

/** The selection from options and positional labels. Throws `usage.time`, `usage.window`, `usage.invalid-value`. */
export function readSelection(
  values: Values<typeof selecting> & { readonly shard?: Shard | undefined },
  labels: readonly string[],
  nowMs: number,
): Selection {
  const { from, until, last } = values
  const window = parseWindow({ from, to: until, last }, nowMs)
  return {
    accounts: [...new Set(labels.map((label) => anyText(label, 'the account')))],
    window,
    regions: values.region,
    logAccounts: values['log-account'],
    kinds: values.kind,
    include: values.include,
    exclude: values.exclude,
    shard: readShard(values, window, nowMs),
  }
}

export function regionName(text: string, name: string): string {
  if (!isRegion(text)) throw wrongValue(name, text, 'a region like us-east-1')
  return text
}

export function accountId(text: string, name: string): AccountId {
  if (!isAccountId(text)) throw wrongValue(name, text, 'the 12 digits of an account')
  return text
}
