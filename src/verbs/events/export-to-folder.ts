import type { PartWriters } from '../../sinks/parquet/part-writers.ts'
import { openDataset } from '../../sinks/parquet/dataset.ts'
import { exportEvents } from './export-events.ts'
import type { SliceExport } from './options.ts'
import type { Search } from './query-events.ts'
import type { ExportReport } from './report.ts'

/** Writes the events that a search finds into a Parquet dataset in a local folder. */
export function exportToFolder(
  { to, names, ...filters }: SliceExport & { readonly to: string },
  search: Search,
  writers?: PartWriters,
): Promise<ExportReport> {
  return exportEvents(filters, search, () => openDataset({ root: to, names, hasRivals: names !== undefined, writers }))
}
