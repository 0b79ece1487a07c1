import { chmodSync, statSync } from 'node:fs'
import { onDisk } from '../../disk/disk-error.ts'
import { type Duck, type DuckChunk, duckDiskError, openDuck, sqlText } from './duckdb.ts'
import { datasetError } from './dataset-error.ts'
import type { RowBuffer } from './row-buffer.ts'
import { cellsSelect, RowEncoder } from './row-encoder.ts'

/** A Parquet file that was written. */
export interface Part {
  readonly rows: number
  readonly bytes: number
}

/** Parquet files with rows that are not written again: those with the same event ID. */
export interface KnownFiles {
  readonly files: readonly string[]
  /** The files among them that were written from the same logs. A row without an event ID is not written again if one of them has the same row. */
  readonly sameLogs?: readonly string[] | undefined
}

const noFiles: KnownFiles = { files: [] }
const memoryBytes = 256 * 1024 * 1024
const tempBytes = 64 * 1024 ** 3
const rowGroupRows = 30 * 2048
const chunkRows = 2048
/** The memory for a chunk of rows that DuckDB gets. A longer row is a chunk of its own. */
const chunkBytes = 8 * 1024 * 1024

/** Writes Parquet files with the columns of `eventColumns`, compressed with zstd, 0600, one at a time. Its methods reject with `disk.…`. */
export class PartWriter {
  readonly #duck: Duck
  #encoder = new RowEncoder()
  #lines = Buffer.alloc(0)
  #source: { readonly rows: RowBuffer; readonly order: Uint32Array; next: number } | undefined
  #failure: unknown

  private constructor(duck: Duck) {
    this.#duck = duck
  }

  /** `tempFolder`: for data of DuckDB that does not fit in memory. Rejects with `usage.no-duckdb`. */
  static async open(tempFolder: string): Promise<PartWriter> {
    // A second thread would only wait for rows, because they come from this thread.
    const duck = await openDuck({ memoryBytes, threads: 1, tempFolder, tempBytes })
    const writer = new PartWriter(duck)
    writer.#registerRows()
    return writer
  }

  /** Forgets the counts of an earlier dataset. */
  startOver(): void {
    this.#encoder = new RowEncoder()
  }

  get misfits(): number {
    return this.#encoder.misfits
  }

  get repaired(): number {
    return this.#encoder.repaired
  }

  /** Writes rows, sorted by time. Rows that are in a known file are left out. */
  async write(rows: RowBuffer, path: string, known: KnownFiles = noFiles): Promise<Part> {
    const order = rows.byTime()
    this.#source = { rows, order, next: 0 }
    this.#failure = undefined
    const columns = cellsSelect('new_rows()')
    if (known.files.length === 0) return this.#copy(columns, path)
    const [first, last] = [order.at(0), order.at(-1)].map((at) => rows.timeMs(at ?? -1))
    const near = Number.isFinite(first) && Number.isFinite(last) ? timeRange(first ?? 0, last ?? 0) : ''
    return this.#copy(unknownRows(columns, known, near), path)
  }

  /** Writes the rows of files that `write` made into one file, except those that are in a known file. */
  merge(parts: readonly string[], path: string, known: KnownFiles = noFiles): Promise<Part> {
    const rows = `SELECT * FROM ${parquetFiles(parts, false)}`
    return this.#copy(known.files.length === 0 ? rows : unknownRows(rows, known), path)
  }

  close(): void {
    this.#duck.close()
  }

  async #copy(select: string, path: string): Promise<Part> {
    const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}`
    try {
      const result = await this.#duck.connection.run(`COPY (${select}) TO ${sqlText(path)} (${options})`)
      const { rowsChanged: rows } = result
      return onDisk(path, () => {
        chmodSync(path, 0o600)
        return { rows, bytes: statSync(path).size }
      })
    } catch (error) {
      throw this.#failure ?? datasetError(error, true) ?? duckDiskError(error, path)
    } finally {
      this.#source = undefined
    }
  }

  /** Each row goes to DuckDB as one BLOB, which takes a tenth of the time of passing each value. */
  #registerRows(): void {
    const { DuckDBTableFunction, BLOB } = this.#duck.duckdb
    this.#duck.connection.registerTableFunction(
      DuckDBTableFunction.create({
        name: 'new_rows',
        bindFunction: (bind) => bind.addResultColumn('line', BLOB),
        initFunction: (init) => init.setMaxThreads(1),
        mainFunction: (info, chunk) => {
          try {
            this.#fill(chunk)
          } catch (error) {
            // DuckDB keeps only the message of an error.
            this.#failure = error
            info.setError(String(error))
          }
        },
      }),
    )
  }

  #fill(chunk: DuckChunk): void {
    const { DuckDBBlobValue } = this.#duck.duckdb
    const lines = this.#nextLines()
    chunk.rowCount = lines.length
    if (lines.length === 0) return
    const vector = chunk.getColumnVector(0)
    for (const [at, line] of lines.entries()) vector.setItem(at, new DuckDBBlobValue(line))
    vector.flush()
  }

  #nextLines(): Buffer[] {
    const source = this.#source
    const lines: Buffer[] = []
    if (source === undefined) return lines
    const { rows, order } = source
    for (let used = 0; source.next < order.length && lines.length < chunkRows; source.next++) {
      const at = order[source.next] ?? -1
      const row = rows.row(at)
      const needed = RowEncoder.maxLineBytes(row)
      if (used + needed > this.#lines.length) {
        if (lines.length > 0) break
        this.#lines = Buffer.allocUnsafeSlow(Math.max(chunkBytes, needed))
      }
      const end = this.#encoder.encode(row, rows.timeMs(at), this.#lines, used)
      lines.push(this.#lines.subarray(used, end))
      used = end
    }
    return lines
  }
}

/** SQL: the rows that are not in a known file. `near` leaves out rows of files that cannot be the same. */
function unknownRows(rows: string, { files, sameLogs = [] }: KnownFiles, near = ''): string {
  const byId = `ANTI JOIN (SELECT eventID FROM ${parquetFiles(files)}${near}) k ON n.eventID = k.eventID`
  if (sameLogs.length === 0) return `SELECT n.* FROM (${rows}) n ${byId}`
  const nameless = `SELECT hash(r) AS whole FROM (SELECT * FROM ${parquetFiles(sameLogs, false)} WHERE eventID IS NULL) r`
  return `SELECT n.* FROM (${rows}) n ${byId} ANTI JOIN (${nameless}) s ON n.eventID IS NULL AND hash(n) = s.whole`
}

/** SQL: the rows of Parquet files. `mayDiffer`: they may have different columns. Names of folders add no columns. */
function parquetFiles(files: readonly string[], mayDiffer = true): string {
  return `read_parquet([${files.map(sqlText).join(', ')}], hive_partitioning = false, union_by_name = ${mayDiffer})`
}

/** SQL: copies of an event have the same time, so files of other times need not be read. */
function timeRange(firstMs: number, lastMs: number): string {
  const [from, until] = [firstMs, lastMs + 1].map((ms) => sqlText(new Date(ms).toISOString().slice(0, -1)))
  return ` WHERE eventTime >= TIMESTAMP ${from} AND eventTime <= TIMESTAMP ${until}`
}
