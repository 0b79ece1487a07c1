import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onDisk } from '../../../disk/disk-error.ts'
import { stateFolderName } from '../../../disk/local-path.ts'
import { makeOwnFolder } from '../../../disk/make-folder.ts'
import { openTempFolder } from '../../../disk/run-folder.ts'
import { CrosstrailError } from '../../../error.ts'
import { type Duck, sqlText } from '../../../sinks/parquet/duckdb.ts'
import { filesOfDataset } from '../../../sinks/parquet/partition.ts'
import { type EventsSource, openLockedDuck } from './locked-duck.ts'
import { prepareOneSelect } from './one-select.ts'
import { RowFiles } from './row-files.ts'
import { sqlError } from './sql-error.ts'
import type { SqlColumn, SqlResult, SqlValue } from './sql-result.ts'
import { sqlValueOf } from './sql-value.ts'

export interface SqlOptions {
  readonly sql: string
  /** The private folder for the query's data is made in it, and removed at the end. It exists. */
  readonly stateFolder: string
  /** Memory for the query. Default: 512 MiB. */
  readonly memoryBytes?: number | undefined
  /** Disk space for what does not fit in memory. Default: 10 GiB. */
  readonly spillBytes?: number | undefined
  readonly signal: AbortSignal
}

/**
 * One SELECT over the view `events`. It was checked when this was opened, before any log is read.
 * Each call rejects with `usage.sql`, `usage.sql-too-large`, `interrupted`, `disk.…`.
 */
export interface SqlQuery extends SqlResult {
  /** Rows with a value that does not fit its column, and with text that is not valid Unicode, of those that were added. */
  readonly misfits: number
  readonly repaired: number
  /** As `Dataset.add`. Only of a query that was opened for rows. */
  add(row: Buffer, timeMs: number): Promise<void> | undefined
  /** Removes the private folder. May be called at any time, once nothing else is under way. */
  close(): void
}

/** Opens a query over rows that are added. Rejects with `usage.no-duckdb`, `usage.sql`, `disk.…`. */
export function openRowQuery(options: SqlOptions): Promise<SqlQuery> {
  return openQuery(options, undefined)
}

/** Opens a query over a dataset that `openDataset` wrote. Rejects with `usage.no-duckdb`, `usage.sql`, `object.not-a-dataset`, `disk.…`. */
export function openDatasetQuery(options: SqlOptions & { readonly folder: string }): Promise<SqlQuery> {
  const files = filesOfDataset(options.folder)
  if (files.length === 0) {
    const message = `${options.folder} has no Parquet files in folders such as account=…/region=…/date=…`
    return Promise.reject(
      new CrosstrailError('object.not-a-dataset', message, {
        hint: 'name a folder that was written with --format parquet',
        facts: { folder: options.folder },
      }),
    )
  }
  return openQuery(options, { type: 'dataset', files })
}

const usualMemoryBytes = 512 * 1024 * 1024
const usualSpillBytes = 10 * 1024 ** 3

async function openQuery(options: SqlOptions, dataset: EventsSource | undefined): Promise<SqlQuery> {
  const tempFolder = openTempFolder(options.stateFolder)
  const query = new Query(options, tempFolder, dataset)
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
  readonly #tempFolder: string
  readonly #spillFolder: string
  readonly #dataset: EventsSource | undefined
  #rows: RowFiles | undefined
  /** Opening one takes a tenth of a second: it is used for checking and for running. */
  #kept: Duck | undefined
  #columns: readonly SqlColumn[] = []

  constructor(options: SqlOptions, tempFolder: string, dataset: EventsSource | undefined) {
    this.#options = options
    this.#tempFolder = tempFolder
    this.#spillFolder = join(tempFolder, 'spill')
    this.#dataset = dataset
    onDisk(this.#spillFolder, () => mkdirSync(this.#spillFolder, { mode: 0o700 }))
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
    this.#columns = await this.#within(this.#dataset ?? { type: 'none' }, [], async (duck) => {
      const prepared = await prepareOneSelect(duck, this.#options.sql)
      if (this.#dataset !== undefined) this.#kept = duck
      return columnsOf(prepared)
    })
    if (this.#dataset === undefined) this.#rows = await RowFiles.open(this.#tempFolder)
  }

  add(row: Buffer, timeMs: number): Promise<void> | undefined {
    if (this.#rows === undefined) throw new Error('a query over a dataset takes no rows')
    return this.#rows.add(row, timeMs)
  }

  async run(onRow: (row: readonly SqlValue[]) => Promise<void> | undefined): Promise<void> {
    await this.#within(await this.#source(), [], async (duck) => {
      const prepared = await prepareOneSelect(duck, this.#options.sql)
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

  async writeParquet(file: string): Promise<number> {
    const stateFolder = join(dirname(file), stateFolderName)
    makeOwnFolder(stateFolder)
    const folder = openTempFolder(stateFolder)
    const path = join(folder, 'result.parquet')
    try {
      const rows = await this.#within(await this.#source(), [path], async (duck) => {
        await prepareOneSelect(duck, this.#options.sql)
        // A view takes the text as it is, with comments and a semicolon at its end.
        await duck.connection.run(`CREATE VIEW "the result" AS ${this.#options.sql}`)
        const { rowsChanged } = await duck.connection.run(
          `COPY (FROM "the result") TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`,
        )
        return rowsChanged
      })
      publish(path, file)
      return rows
    } finally {
      onDisk(folder, () => rmSync(folder, { recursive: true, force: true }))
      removeIfEmpty(join(stateFolder, 'tmp'), stateFolder)
    }
  }

  close(): void {
    this.#rows?.close()
    this.#kept?.close()
    this.#kept = undefined
    onDisk(this.#tempFolder, () => rmSync(this.#tempFolder, { recursive: true, force: true }))
  }

  async #source(): Promise<EventsSource> {
    if (this.#dataset !== undefined) return this.#dataset
    return { type: 'rows', files: (await this.#rows?.finish()) ?? [] }
  }

  async #within<T>(source: EventsSource, mayWrite: readonly string[], use: (duck: Duck) => Promise<T>): Promise<T> {
    const { signal, memoryBytes = usualMemoryBytes, spillBytes = usualSpillBytes } = this.#options
    let duck: Duck | undefined
    let interrupting: NodeJS.Timeout | undefined
    // An interrupt that comes between two statements is not heard: it is repeated.
    const interrupt = (): void => {
      duck?.connection.interrupt()
      interrupting = setTimeout(interrupt, 50)
    }
    try {
      signal.throwIfAborted()
      const limits = { memoryBytes, spillBytes, tempFolder: this.#spillFolder }
      duck = (mayWrite.length === 0 && this.#kept) || (await openLockedDuck(source, limits, mayWrite))
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

function columnsOf(prepared: Awaited<ReturnType<typeof prepareOneSelect>>): SqlColumn[] {
  const used = new Map<string, number>()
  return Array.from({ length: prepared.columnCount }, (_, at) => {
    const name = prepared.columnName(at)
    const count = used.get(name) ?? 0
    used.set(name, count + 1)
    return { name: count === 0 ? name : `${name}_${count}`, type: String(prepared.columnType(at)) }
  })
}

function publish(path: string, file: string): void {
  onDisk(path, () => {
    chmodSync(path, 0o600)
    const fd = openSync(path, 'r+')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
  onDisk(file, () => renameSync(path, file))
}

/** The folder of a result is the user's own: nothing stays in it but the result. */
function removeIfEmpty(...folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder)
    } catch {
      return
    }
  }
}
