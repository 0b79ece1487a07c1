import { CrosstrailError } from '../../error.ts'
import { maskedText } from '../../secrets/masked-text.ts'
import { writeMetricsFile } from './metrics-file.ts'
import { prometheusText } from './prometheus-text.ts'
import { pullFamilies } from './pull-families.ts'
import type { PullMeter } from './pull-meter.ts'

/** Returns the current metrics page. `goesOn`: whether the process pulls again. */
export function metricsPage(meter: PullMeter, version: string, goesOn: boolean): string {
  return maskedText(prometheusText(pullFamilies(meter.numbers(), { nowMs: Date.now(), version, goesOn })))
}

/** Writes the page to a file if one is given. On failure it calls `onProblem` and returns false, and does not throw: the logs have been pulled. */
export function writeMetrics(
  file: string | undefined,
  page: () => string,
  onProblem: (message: string) => void,
): boolean {
  if (file === undefined) return true
  try {
    writeMetricsFile(file, page())
    return true
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    onProblem(`cannot write the metrics: ${error.message}`)
    return false
  }
}
