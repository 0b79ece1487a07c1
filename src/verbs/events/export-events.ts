import { openDataset } from '../../sinks/parquet/dataset.ts'
import type { ExportOptions } from './options.ts'
import type { Search } from './query-events.ts'
import type { ExportReport } from './report.ts'
import { intoRows } from './rows.ts'

/** Writes the events that a search finds into a Parquet dataset. */
export async function exportEvents(options: ExportOptions, search: Search): Promise<ExportReport> {
  const { to, ...filters } = options
  const dataset = await openDataset({ root: to })
  try {
    const rows = intoRows((row, timeMs) => dataset.add(row, timeMs))
    const report = await search({ ...filters, unique: true, ...rows })
    if (report.interrupted || report.error !== undefined) return { ...report, dataset: undefined }
    return { ...report, dataset: await dataset.close() }
  } finally {
    await dataset.abort()
  }
}
