import { CrosstrailError } from '../../error.ts'
import { givenOptions } from '../option.ts'
import { datasetBucketOptions } from './bucket-goal.ts'
import { filterOptions } from './events.ts'

/** Options that decide what becomes of the records. */
const uses = ['sql', 'sql-file', 'to', 'format', 'limit', 'fields', 'sort', 'count-by', 'duplicates'] as const

/** Options that choose records. */
const choices = [
  'dir',
  'from',
  'until',
  'last',
  'region',
  'log-account',
  'kind',
  'include',
  'exclude',
  ...Object.keys(filterOptions),
]

/** What each of these options does not go together with. */
const conflicts: Readonly<Record<string, readonly string[]>> = {
  'count-by': ['fields'],
  sql: without(uses, 'duplicates'),
  'sql-file': without(uses, 'duplicates'),
  to: without(uses, 'format', 'limit'),
  'print-schema': [
    ...without(uses, 'to', 'format'),
    ...without(choices, 'from', 'region', 'log-account'),
    ...Object.keys(datasetBucketOptions),
  ],
}

/** Throws `usage.conflict`. */
export function refuseEventConflicts(values: Readonly<Record<string, unknown>>, accounts: readonly string[]): void {
  for (const [name, others] of Object.entries(conflicts)) {
    if (givenOptions(values, [name]).length === 0) continue
    const [other] = givenOptions(values, without(others, name))
    if (other !== undefined) throw conflict(`--${name}`, `--${other}`)
    if (name === 'print-schema' && accounts.length > 0) throw conflict('--print-schema', 'the name of an account')
  }
  if (givenOptions(values, ['format']).length > 0 && givenOptions(values, ['to', 'print-schema']).length === 0) {
    throw new CrosstrailError('usage.conflict', '--format needs --to', {
      hint: 'name the folder of the dataset: --to ./events',
    })
  }
}

export function parquetWithoutSql(): CrosstrailError {
  return new CrosstrailError('usage.conflict', '--output parquet needs --sql', {
    hint: 'to write events as Parquet files: --to ./events --format parquet',
  })
}

function without(names: readonly string[], ...some: readonly string[]): string[] {
  return names.filter((name) => !some.includes(name))
}

function conflict(one: string, other: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', `${one} and ${other} do not go together`)
}
