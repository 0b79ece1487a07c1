import { CrosstrailError } from '../../../error.ts'
import { maskedForeignText } from '../../../secrets/masked-text.ts'
import { datasetError } from '../../../sinks/parquet/dataset-error.ts'
import { duckDiskError } from '../../../sinks/parquet/duckdb.ts'

/** Returns what an error of DuckDB means for a query. Other errors are returned unchanged. */
export function sqlError(error: unknown, signal: AbortSignal, tempFolder: string): unknown {
  if (!(error instanceof Error) || error instanceof CrosstrailError) return error
  if (error.message.startsWith('INTERRUPT Error') && signal.aborted) {
    return new CrosstrailError('interrupted', 'the query was interrupted', { cause: signal.reason })
  }
  if (error.message.startsWith('Out of Memory Error')) return tooLarge(error)
  const meant = datasetError(error, false) ?? duckDiskError(error, tempFolder)
  // If a file is not allowed, DuckDB's error is the same as if the disk refused it.
  if (meant !== error && !error.message.includes('disabled by configuration')) return meant
  return /^[A-Z][\w ]* (?:Error|Exception): |^Failed to extract/.test(error.message) ? wrongSql(error.message) : error
}

export function wrongSql(says: string, hint?: string): CrosstrailError {
  const text = maskedForeignText(says.replace(/^Failed to extract statements: /, ''))
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return new CrosstrailError('usage.sql', `the SQL cannot be run: ${lines.join('\n')}`, {
    hint: hint ?? 'to see the columns of events: crosstrail events --print-schema duckdb',
  })
}

/** DuckDB often has the same error for too little memory and too little disk space. */
function tooLarge(cause: Error): CrosstrailError {
  const [says = ''] = cause.message.split('\n')
  return new CrosstrailError(
    'usage.sql-too-large',
    `the query needs more memory and temporary disk space than it may use: ${says}`,
    {
      hint: 'narrow what is read with filters such as --from and --event-name, group by fewer values, or add a LIMIT',
      cause,
    },
  )
}
