import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../../disk/disk-error.ts'
import { openPrivateTempFolder, type PrivateTempFolder } from '../../../disk/private-temp-folder.ts'
import { CrosstrailError } from '../../../error.ts'
import { type Duck, sqlText } from '../../../sinks/parquet/duckdb.ts'
import { filesOfDataset } from '../../../sinks/parquet/partition.ts'
import { type EventsSource, openLockedDuck } from './locked-duck.ts'
import { type Prepared, prepareOneSelect } from './one-select.ts'
import { RowFiles } from './row-files.ts'
import { sqlError } from './sql-error.ts'
import type { ResultFile, SqlColumn, SqlResult, SqlValue } from './sql-result.ts'
import { sqlValueOf } from './sql-value.ts'

export interface SqlOptions {
  readonly sql: string
  /** Where the private folder for the query's data is made. Default: the system's folder for temporary files. */
  readonly tempRoot?: string | undefined
  /** Memory for the query. Default: 512 MiB. */
  readonly memoryBytes?: number | undefined
  /** Disk space for data that does not fit in memory. Default: 10 GiB. */
  readonly spillBytes?: number | undefined
  readonly signal: AbortSignal
}

/**
 * One SELECT over the view `events`. It is checked when the query is opened, before any log is read.
 * Each call rejects with `usage.sql`, `usage.sql-too-large`, `interrupted`, `disk.…`.
 */
export interface SqlQuery extends SqlResult {
  /** How many of the added rows have a value that does not fit its column. */
  readonly misfits: number
  /** How many of the added rows have text that is not valid Unicode. */
  readonly repaired: number
  /** Like `Dataset.add`. Only for a query that was opened with `openRowQuery`. */
  add(row: Buffer, timeMs: number): Promise<void> | undefined
  /** Removes the private folder. May be called at any time, but not while another call is running. */
  close(): void
}

/** Opens a query over rows that are added. Rejects with `usage.no-duckdb`, `usage.sql`, `disk.…`. */
export function openRowQuery(options: SqlOptions): Promise<SqlQuery> {
  return openQuery(options, undefined)
}

/** Opens a query over a dataset that `openDataset` wrote. Rejects with `usage.no-duckdb`, `usage.sql`, `object.not-a-dataset`, `disk.…`. */
export async function openDatasetQuery(options: SqlOptions & { readonly folder: string }): Promise<SqlQuery> {
  const files = filesOfDataset(options.folder)
  if (files.length === 0) {
    const message = `${options.folder} has no Parquet files in folders such as account=…/region=…/date=…`
    throw new CrosstrailError('object.not-a-dataset', message, {
      hint: 'name a folder that was written with --format parquet',
      facts: { folder: options.folder },
    })
  }
  return openQuery(options, { type: 'dataset', files })
}

const defaultMemoryBytes = 512 * 1024 * 1024
const defaultSpillBytes = 10 * 1024 ** 3

async function openQuery(options: SqlOptions, dataset: EventsSource | undefined): Promise<SqlQuery> {
  const query = new Query(options, openPrivateTempFolder(options.tempRoot), dataset)
  try {
    await query.open()
    return query
  } catch (error) {
    query.close()
    throw error
  }
}

class Query implements SqlQuery {
  readonly #options: SqlOptions
  readonly #folder: PrivateTempFolder
  readonly #spillFolder: string
  readonly #resultFile: string
  /** Undefined if rows are added. */
  readonly #dataset: EventsSource | undefined
  #rows: RowFiles | undefined
  /** A DuckDB takes a tenth of a second to open, so a query over a dataset runs in the one that checked it. */
  #kept: Duck | undefined
  #prepared: Prepared | undefined
  #columns: readonly SqlColumn[] = []

  constructor(options: SqlOptions, folder: PrivateTempFolder, dataset: EventsSource | undefined) {
    this.#options = options
    this.#folder = folder
    this.#spillFolder = join(folder.path, 'spill')
    this.#resultFile = join(folder.path, 'result.parquet')
    this.#dataset = dataset
  }

  get columns(): readonly SqlColumn[] {
    return this.#columns
  }

  get misfits(): number {
    return this.#rows?.misfits ?? 0
  }

  get repaired(): number {
    return this.#rows?.repaired ?? 0
  }

  async open(): Promise<void> {
    onDisk(this.#spillFolder, () => mkdirSync(this.#spillFolder, { mode: 0o700 }))
    this.#columns = await this.#within(this.#dataset ?? { type: 'none' }, async (duck) => {
      const prepared = await prepareOneSelect(duck, this.#options.sql)
      if (this.#dataset !== undefined) {
        this.#kept = duck
        this.#prepared = prepared
      }
      return columnsOf(prepared)
    })
    if (this.#dataset === undefined) this.#rows = await RowFiles.open(this.#folder.path)
  }

  add(row: Buffer, timeMs: number): Promise<void> | undefined {
    if (this.#rows === undefined) throw new Error('a query over a dataset takes no rows')
    return this.#rows.add(row, timeMs)
  }

  async run(onRow: (row: readonly SqlValue[]) => Promise<void> | undefined): Promise<void> {
    await this.#within(await this.#source(), async (duck) => {
      const prepared = this.#prepared ?? (await prepareOneSelect(duck, this.#options.sql))
      const result = await prepared.stream()
      const types = result.columnTypes()
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        for (const values of chunk.getRows()) {
          this.#options.signal.throwIfAborted()
          const wait = onRow(values.map((value, at) => sqlValueOf(duck.duckdb, value, types[at])))
          if (wait !== undefined) await wait
        }
      }
    })
  }

  async writeParquet(): Promise<ResultFile> {
    const file = this.#resultFile
    return this.#within(await this.#source(), async (duck) => {
      if (this.#prepared === undefined) await prepareOneSelect(duck, this.#options.sql)
      // As the argument of `query`, SQL may end with comments and a semicolon.
      const { rowsChanged: rows } = await duck.connection.run(
        `COPY (FROM query(${sqlText(this.#options.sql)})) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`,
      )
      onDisk(file, () => chmodSync(file, 0o600))
      return { file, rows }
    })
  }

  close(): void {
    this.#rows?.close()
    this.#kept?.close()
    this.#kept = undefined
    this.#folder.remove()
  }

  async #source(): Promise<EventsSource> {
    if (this.#dataset !== undefined) return this.#dataset
    return { type: 'rows', files: (await this.#rows?.finish()) ?? [] }
  }

  async #within<T>(source: EventsSource, use: (duck: Duck) => Promise<T>): Promise<T> {
    const { signal, memoryBytes = defaultMemoryBytes, spillBytes = defaultSpillBytes } = this.#options
    let duck: Duck | undefined
    let interrupting: NodeJS.Timeout | undefined
    // DuckDB ignores an interrupt between two statements, so it is repeated.
    const interrupt = (): void => {
      duck?.connection.interrupt()
      interrupting = setTimeout(interrupt, 50)
    }
    try {
      signal.throwIfAborted()
      const limits = { memoryBytes, spillBytes, tempFolder: this.#spillFolder }
      duck = this.#kept ?? (await openLockedDuck(source, limits, [this.#resultFile]))
      signal.addEventListener('abort', interrupt, { once: true })
      if (signal.aborted) interrupt()
      return await use(duck)
    } catch (error) {
      if (signal.aborted && error === signal.reason) {
        throw new CrosstrailError('interrupted', 'the query was interrupted', { cause: signal.reason })
      }
      throw sqlError(error, signal, this.#spillFolder)
    } finally {
      signal.removeEventListener('abort', interrupt)
      clearTimeout(interrupting)
      if (duck !== this.#kept) duck?.close()
    }
  }
}

/** JSON and Parquet need a different name for each column. */
function columnsOf(prepared: Prepared): SqlColumn[] {
  const used = new Set<string>()
  return Array.from({ length: prepared.columnCount }, (_, at) => {
    const given = prepared.columnName(at)
    let name = given
    for (let count = 1; used.has(name); count++) name = `${given}_${count}`
    used.add(name)
    return { name, type: String(prepared.columnType(at)) }
  })
}
