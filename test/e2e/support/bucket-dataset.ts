import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Bucket } from '../../../src/lab/stored-bucket.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { duckRowsOf, type ReadRow } from '../../sinks/parquet/read-parquet.ts'

/** Writes the objects below a prefix of the lab to a new local folder, and returns its path. */
export function savedDataset(bucket: Bucket, prefix: string): string {
  const folder = tempFolder()
  for (const key of bucket.keys().filter((key) => key.startsWith(prefix))) {
    const path = join(folder, key.slice(prefix.length))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bucket.get(key)?.body ?? '')
  }
  return folder
}

/** The rows of a dataset in the lab, as DuckDB reads them. */
export function bucketRows(bucket: Bucket, prefix: string): Promise<ReadRow[]> {
  return duckRowsOf(savedDataset(bucket, prefix))
}
