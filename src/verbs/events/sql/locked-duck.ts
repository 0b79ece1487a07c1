import { availableParallelism } from 'node:os'
import { eventColumns, partitionColumns, typeNameOf } from '../../../records/event-columns.ts'
import { type Duck, openDuck, sqlText } from '../../../sinks/parquet/duckdb.ts'
import { hasAllColumns } from '../../../sinks/parquet/part-names.ts'

/** What the view `events` reads. `none`: the view is empty, and only has the columns. */
export type EventsSource =
  | { readonly type: 'none' }
  /** Files that `RowFiles` wrote. */
  | { readonly type: 'rows'; readonly files: readonly string[] }
  /** Files in the partitions of a dataset. */
  | { readonly type: 'dataset'; readonly files: readonly string[] }

export interface LockedLimits {
  readonly memoryBytes: number
  readonly spillBytes: number
  readonly tempFolder: string
}

const maxThreads = 4

/**
 * Opens a DuckDB with the view `events`. It can read the files of the view and read and write `mayWrite`, but no other file. It cannot use the network, load
 * extensions or change settings.
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
  if (source.type === 'rows') {
    const columns = [...eventColumns.map(({ name }) => `"${name}"`), ...rowPartition]
    return viewOf(columns, readParquet(source.files, 'hive_partitioning = false'))
  }
  const partition = partitionColumns.map((name) => `"${name}"`)
  const hive = `hive_partitioning = true, hive_types = {${partition.map((name) => `${name}: VARCHAR`).join(', ')}}`
  // To find the columns of all files, DuckDB opens each of them several times.
  if (source.files.every(hasAllColumns)) {
    const columns = [...eventColumns.map(({ name }) => `"${name}"`), ...partition]
    return viewOf(columns, readParquet(source.files, hive))
  }
  const files = readParquet(source.files, `${hive}, union_by_name = true`)
  const found = await columnsOf(duck, files)
  const columns = eventColumns.map((column) => (found.has(column.name) ? `"${column.name}"` : emptyColumn(column)))
  return viewOf([...columns, ...partition], files)
}

function viewOf(columns: readonly string[], files: string): string {
  return `CREATE VIEW events AS SELECT ${columns.join(', ')} FROM ${files}`
}

function readParquet(files: readonly string[], options: string): string {
  return `read_parquet([${files.map(sqlText).join(', ')}], ${options})`
}

/** What a dataset has in the names of its folders. */
const rowPartition = ['log_account AS "account"', 'log_region AS "region"', `strftime(eventTime, '%Y-%m-%d') AS "date"`]

function emptyColumn(column: (typeof eventColumns)[number]): string {
  return `NULL::${typeNameOf(column, 'duckdb')} AS "${column.name}"`
}

/** Files of other programs and of older versions may lack columns. */
async function columnsOf({ connection }: Duck, relation: string): Promise<ReadonlySet<string>> {
  const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`)
  return new Set(reader.getRows().map(([name]) => String(name)))
}
