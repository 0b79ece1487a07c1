import type { Dataset } from '../../sinks/parquet/dataset.ts'
import type { ExportOptions } from './options.ts'
import type { Search } from './query-events.ts'
import type { ExportReport } from './report.ts'
import { intoRows } from './rows.ts'

/** Writes the events that a search finds into a Parquet dataset, which is opened before any log is read. */
export async function exportEvents(
  filters: Omit<ExportOptions, 'to'>,
  search: Search,
  open: () => Promise<Dataset>,
): Promise<ExportReport> {
  const dataset = await open()
  try {
    const rows = intoRows((row, timeMs) => dataset.add(row, timeMs))
    const report = await search({ ...filters, unique: true, ...rows })
    if (report.interrupted || report.error !== undefined) return { ...report, dataset: undefined }
    return { ...report, dataset: await dataset.close() }
  } finally {
    await dataset.abort()
  }
}
