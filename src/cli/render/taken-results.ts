import type { VerifyResult } from '../../verbs/verify/result.ts'
import type { OutputFormat } from '../options/output.ts'
import type { Paint } from './colour.ts'
import { resultRows } from './result-rows.ts'
import { findingLine, verifyShape } from './verify-rows.ts'

export interface ResultLines {
  readonly format: OutputFormat
  readonly paint: Paint
  /** Writes a line on stdout. */
  readonly result: (line: string) => void
  /** Writes a line on stderr. */
  readonly message: (line: string) => void
}

/**
 * Returns what shows the results of a verification that follows a run. JSON has all of them on stdout. A table of the run's objects has no
 * room for them, so findings are lines. CSV on stdout has the columns of the run's objects, so there they are on stderr.
 */
export function takenResults({ format, paint, result: write, message }: ResultLines): (result: VerifyResult) => void {
  if (format === 'json') {
    const rows = resultRows(format, verifyShape, write)
    return (result) => rows.write(result)
  }
  const line = format === 'csv' ? message : write
  return (result) => {
    if (result.type === 'finding') line(findingLine(result.finding, paint))
  }
}
