import { readdirSync } from 'node:fs'
import { errnoOf } from '../../disk/disk-error.ts'
import { CrosstrailError } from '../../error.ts'
import { partitionColumns } from '../../records/event-columns.ts'

const partitionName = new RegExp(`^${partitionColumns[0]}=.`)

/** Whether a path is a folder with the partitions of a Parquet dataset. */
export function isDataset(path: string): boolean {
  return entriesOf(path).some((name) => partitionName.test(name))
}

/** Throws `usage.conflict` for a dataset: a search reads logs, and would find nothing there. */
export function refuseDatasets(dirs: readonly string[]): void {
  const dataset = dirs.find(isDataset)
  if (dataset === undefined) return
  throw new CrosstrailError('usage.conflict', `${dataset} is a Parquet dataset, and filters search logs`, {
    hint: 'query it with --sql',
    facts: { path: dataset },
  })
}

/** Throws `usage.conflict` if a dataset holds anything else, which a query would not read. */
export function refuseMixed(dataset: string): void {
  const other = entriesOf(dataset).find((name) => !partitionName.test(name) && !/^[._]/.test(name))
  if (other === undefined) return
  const message = `${dataset} has the partitions of a Parquet dataset, and also ${other}`
  throw new CrosstrailError('usage.conflict', message, {
    hint: `move ${other} out of the dataset. A query reads either logs or one dataset`,
    facts: { path: dataset, other },
  })
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if (['ENOTDIR', 'ENOENT'].includes(errnoOf(error) ?? '')) return []
    throw error
  }
}
