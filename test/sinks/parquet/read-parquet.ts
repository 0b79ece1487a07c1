import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { openDuck } from '../../../src/sinks/parquet/duckdb.ts'

export type ReadRow = Readonly<Record<string, unknown>>

/** The Parquet files below a folder, relative, sorted; not those of the state folder. */
export function parquetFilesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet') && !name.startsWith('.crosstrail'))
    .sort()
}

/** The rows of all Parquet files below a folder, as a reader other than DuckDB sees them. */
export async function rowsOf(root: string): Promise<ReadRow[]> {
  const rows = await Promise.all(parquetFilesBelow(root).map((name) => rowsOfFile(join(root, name))))
  return rows.flat()
}

export async function rowsOfFile(path: string): Promise<ReadRow[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path), compressors })
}

/** The same as DuckDB sees them, with the columns that the names of folders add. */
export async function duckRowsOf(root: string): Promise<ReadRow[]> {
  return query(`SELECT * FROM read_parquet('${root}/account=*/*/*/*.parquet', hive_partitioning = true,
    hive_types = {account: VARCHAR, region: VARCHAR, date: VARCHAR})`)
}

/** What a query answers, in a DuckDB without limits. */
export async function query(sql: string): Promise<ReadRow[]> {
  // Scripts use this, too, so the folder must not wait for the end of a test.
  const tempFolder = mkdtempSync(join(tmpdir(), 'crosstrail-duck-'))
  const duck = await openDuck({ memoryBytes: 1024 ** 3, threads: 1, tempFolder, tempBytes: 1024 ** 3 })
  try {
    const reader = await duck.connection.runAndReadAll(sql)
    return reader.getRowObjectsJS()
  } finally {
    duck.close()
    rmSync(tempFolder, { recursive: true, force: true })
  }
}
