import { availableParallelism } from 'node:os'
import { eventColumns, partitionColumns, typeNameOf } from '../../../records/event-columns.ts'
import { type Duck, openDuck, sqlText } from '../../../sinks/parquet/duckdb.ts'

/** Where the view `events` reads from. `none`: it is empty, and only says which columns there are. */
export type EventsSource =
  | { readonly type: 'none' }
  /** Files of rows, without partitions. */
  | { readonly type: 'rows'; readonly files: readonly string[] }
  /** Files of a dataset. */
  | { readonly type: 'dataset'; readonly files: readonly string[] }

export interface LockedLimits {
  readonly memoryBytes: number
  readonly spillBytes: number
  readonly tempFolder: string
}

const maxThreads = 4

/**
 * A DuckDB with the view `events` that can read the files of the view and `mayWrite`, and nothing else: no other file, no network, no extension, no setting.
 */
export async function openLockedDuck(
  source: EventsSource,
  limits: LockedLimits,
  mayWrite: readonly string[] = [],
): Promise<Duck> {
  const { memoryBytes, spillBytes, tempFolder } = limits
  const threads = Math.min(maxThreads, availableParallelism())
  const duck = await openDuck({ memoryBytes, threads, tempFolder, tempBytes: spillBytes })
  try {
    const { connection } = duck
    await connection.run(await eventsView(duck, source))
    const files = source.type === 'none' ? [] : source.files
    await connection.run(`SET allowed_paths = [${[...files, ...mayWrite].map(sqlText).join(', ')}]`)
    await connection.run('SET enable_external_access = false')
    await connection.run('SET lock_configuration = true')
    return duck
  } catch (error) {
    duck.close()
    throw error
  }
}

async function eventsView(duck: Duck, source: EventsSource): Promise<string> {
  if (source.type === 'none' || source.files.length === 0) {
    const columns = [...eventColumns.map(emptyColumn), ...partitionColumns.map((name) => `NULL::VARCHAR AS "${name}"`)]
    return `CREATE VIEW events AS SELECT ${columns.join(', ')} WHERE false`
  }
  const isDataset = source.type === 'dataset'
  const types = partitionColumns.map((name) => `"${name}": VARCHAR`).join(', ')
  const hive = isDataset ? `hive_partitioning = true, hive_types = {${types}}` : 'hive_partitioning = false'
  const files = `read_parquet([${source.files.map(sqlText).join(', ')}], ${hive}, union_by_name = ${isDataset})`
  const there = isDataset ? await columnsOf(duck, files) : undefined
  const columns = eventColumns.map((column) =>
    there === undefined || there.has(column.name) ? `"${column.name}"` : emptyColumn(column),
  )
  const partition = isDataset ? partitionColumns.map((name) => `"${name}"`) : rowPartition
  return `CREATE VIEW events AS SELECT ${[...columns, ...partition].join(', ')} FROM ${files}`
}

/** The columns that a dataset has in the names of its folders, for rows that are not in one. */
const rowPartition = ['log_account AS "account"', 'log_region AS "region"', `strftime(eventTime, '%Y-%m-%d') AS "date"`]

function emptyColumn(column: (typeof eventColumns)[number]): string {
  return `NULL::${typeNameOf(column, 'duckdb')} AS "${column.name}"`
}

/** Files that an older version wrote may lack columns. */
async function columnsOf({ connection }: Duck, relation: string): Promise<ReadonlySet<string>> {
  const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`)
  return new Set(reader.getRows().map(([name]) => String(name)))
}
