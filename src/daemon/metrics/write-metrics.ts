import { CrosstrailError } from '../../error.ts'
import { maskedText } from '../../secrets/masked-text.ts'
import type { Runtime } from '../../cli/command.ts'
import { escapeText } from '../../cli/render/escape.ts'
import { version } from '../../cli/own-version.ts'
import { writeMetricsFile } from './metrics-file.ts'
import { prometheusText } from './prometheus-text.ts'
import { pullFamilies } from './pull-families.ts'
import type { PullMeter } from './pull-meter.ts'

/** The metrics page as of now. `goesOn`: whether the process pulls again. */
export function metricsPage(meter: PullMeter, goesOn: boolean): string {
  return maskedText(prometheusText(pullFamilies(meter.numbers(), { nowMs: Date.now(), version: version(), goesOn })))
}

/** Writes it to a file, where one is given. That it cannot be written is told as a warning, and answered with false: the logs are there. */
export function writeMetrics(
  file: string | undefined,
  page: () => string,
  { stderr }: Pick<Runtime, 'stderr'>,
): boolean {
  if (file === undefined) return true
  try {
    writeMetricsFile(file, page())
    return true
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    stderr.write(`warning: the metrics cannot be written: ${escapeText(error.message)}\n`)
    return false
  }
}
