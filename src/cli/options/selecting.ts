import { type AccountId, isAccountId } from '../../trail/account-id.ts'
import { kinds } from '../../trail/kind.ts'
import { isRegion } from '../../trail/region.ts'
import { parseWindow } from '../../trail/time.ts'
import type { Selection } from '../../work/selection.ts'
import { commaList, many, single, type Values } from '../option.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { oneOf } from '../parse-text.ts'

const group = 'Selecting'

const from = single(
  {
    group,
    value: 'time',
    description:
      'Start of the window of delivery times: a day, a minute, RFC 3339, "today", "yesterday" or "7d ago"; UTC unless an offset is given',
    aliases: ['since'],
    overrides: ['last'],
  },
  anyText,
)

const until = {
  group,
  value: 'time',
  description: 'End of the window, itself not part of it',
  overrides: ['last'],
}

const others = {
  last: single(
    {
      group,
      value: 'duration',
      description: 'Start of the window so long ago, with an open end: 24h, 7d, 90m. In place of --from and --until',
      overrides: ['from', 'until'],
    },
    anyText,
  ),
  region: commaList(
    { group, value: 'region', complete: 'regions', description: 'Only logs of this region. Repeatable' },
    regionName,
  ),
  'log-account': commaList(
    { group, value: 'id', description: 'Only logs of this account, by its 12 digits. Repeatable' },
    accountId,
  ),
  kind: commaList(
    { group, value: 'kind', choices: kinds, description: 'Only logs of this kind. Repeatable' },
    oneOf(kinds),
  ),
  include: many({ group, value: 'glob', description: 'Only keys that match. Repeatable' }, anyText),
  exclude: many({ group, value: 'glob', description: 'No keys that match. Repeatable' }, anyText),
}

const { last: _last, ...windowless } = others

/** Where coverage and no window decides. */
export const selectingWithoutWindow = windowless

/** Where `--to` is a destination: the window ends with `--until` alone. */
export const selectingBesideDestination = {
  from,
  until: single(
    { ...until, description: `${until.description}. Here --to is the destination and never the window's end` },
    anyText,
  ),
  ...others,
}

/** Where there is no destination: `--to` ends the window too. */
export const selecting = { from, until: single({ ...until, argumentAliases: ['to'] }, anyText), ...others }

/** The selection that options and positional labels make. Throws `usage.time`, `usage.window`, `usage.invalid-value`. */
export function readSelection(values: Values<typeof selecting>, labels: readonly string[], nowMs: number): Selection {
  return {
    accounts: [...new Set(labels.map((label) => anyText(label, 'the account')))],
    window: parseWindow({ from: values.from, to: values.until, last: values.last }, nowMs),
    regions: values.region,
    logAccounts: values['log-account'],
    kinds: values.kind,
    include: values.include,
    exclude: values.exclude,
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
