import { CrosstrailError } from '../../error.ts'
import { isDataset, refuseMixed } from './dataset-folders.ts'
import type { EventsOptions, QueryOptions } from './options.ts'
import type { EventsReport, QueryReport } from './report.ts'
import { intoRows } from './rows.ts'
import { openDatasetQuery, openRowQuery } from './sql/sql-query.ts'

/** Searches with these options. */
export type Search = (options: EventsOptions) => Promise<EventsReport>

/** Runs one SELECT over the events that a search finds, or over a Parquet dataset. */
export function queryEvents(options: QueryOptions, search: Search, signal: AbortSignal): Promise<QueryReport> {
  const dataset = options.dirs.find(isDataset)
  return dataset === undefined ? queryLogs(options, search, signal) : queryDataset(dataset, options, signal)
}

async function queryLogs(options: QueryOptions, search: Search, signal: AbortSignal): Promise<QueryReport> {
  const { sql, onResult, ...filters } = options
  const query = await openRowQuery({ sql, signal })
  try {
    const report = await search({ ...filters, ...intoRows((row, timeMs) => query.add(row, timeMs)) })
    const answers = mayAnswer(report)
    if (answers) await onResult(query)
    return { search: report, answered: answers, misfits: query.misfits, repaired: query.repaired }
  } finally {
    query.close()
  }
}

async function queryDataset(folder: string, options: QueryOptions, signal: AbortSignal): Promise<QueryReport> {
  refuseFilters(folder, options)
  refuseMixed(folder)
  const query = await openDatasetQuery({ sql: options.sql, signal, folder })
  try {
    await options.onResult(query)
    return { search: undefined, answered: true, misfits: 0, repaired: 0 }
  } finally {
    query.close()
  }
}

/** False if the run ended early, or read no log because of failures: an answer would look like one about all events. */
function mayAnswer({ interrupted, error, counts, total, accounts }: EventsReport): boolean {
  if (interrupted || error !== undefined) return false
  const failed = total.failed > 0 || accounts.some((account) => account.error !== undefined)
  return !failed || counts.logs > 0
}

function refuseFilters(folder: string, options: QueryOptions): void {
  const { dirs, conditions, window, unique, selection } = options
  if (dirs.length > 1) {
    throw new CrosstrailError('usage.conflict', `${folder} is a Parquet dataset, which is queried alone`, {
      hint: 'give one --dir',
    })
  }
  const { accounts, window: _unused, ...selected } = selection
  const isNarrowed =
    conditions.length > 0 ||
    window.fromMs !== undefined ||
    window.toMs !== undefined ||
    !unique ||
    [accounts, ...Object.values(selected)].some((values) => Array.isArray(values) && values.length > 0)
  if (!isNarrowed) return
  throw new CrosstrailError(
    'usage.conflict',
    `filters and selections apply to logs, and ${folder} is a Parquet dataset`,
    {
      hint: 'write them into the WHERE of the SQL',
    },
  )
}
