import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { openPrivateTempFolder } from '../../disk/private-temp-folder.ts'
import { BucketPlace } from '../../sinks/parquet/bucket-place.ts'
import { type Dataset, openDatasetAt } from '../../sinks/parquet/dataset.ts'
import type { PartNames } from '../../sinks/parquet/part-names.ts'
import type { CopyGoal } from '../copy/options.ts'
import { type OpenDatasetGoal, openDatasetGoal } from '../dataset-goal.ts'
import type { Host } from '../host.ts'
import { exportEvents } from './export-events.ts'
import type { SliceExport } from './options.ts'
import type { ExportReport } from './report.ts'
import { searchEvents } from './search-events.ts'

/** Writes the events that a search finds into a Parquet dataset in a bucket. */
export async function exportToBucket(
  { to, names, ...filters }: SliceExport & { readonly to: CopyGoal },
  host: Host,
): Promise<ExportReport> {
  const goal = openDatasetGoal(host, to, filters.selection.accounts)
  // The account that writes may also read. Then one session does both.
  const sharing: Host = {
    ...host,
    async session(account, rights, reach) {
      const session = await host.session(account, rights, reach)
      goal.opened(account.label, session)
      return session
    },
  }
  const open = async (tempFolder: string): Promise<Dataset> => {
    const dataset = await openBucketDataset(goal, tempFolder, names, host)
    try {
      await goal.openWriter()
    } catch (error) {
      await dataset.abort()
      throw error
    }
    return dataset
  }
  const temp = openPrivateTempFolder()
  try {
    return await exportEvents(
      filters,
      (options) => searchEvents(options, sharing),
      () => open(temp.path),
    )
  } finally {
    temp.remove()
  }
}

async function openBucketDataset(
  { to, openSide }: OpenDatasetGoal,
  tempFolder: string,
  names: PartNames | undefined,
  { signal, partWriters }: Host,
): Promise<Dataset> {
  const folder = join(tempFolder, 'fetched')
  onDisk(folder, () => mkdirSync(folder, { mode: 0o700 }))
  const place = new BucketPlace({ openSide, prefix: to.prefix, folder, signal })
  return openDatasetAt({ place, tempFolder, names, hasRivals: names !== undefined, writers: await partWriters?.() })
}
