import type { ReportFigures } from '../../../verbs/report/figures.ts'
import { safeJson } from '../escape.ts'

/** All figures of the page, as one JSON document on one line. */
export function reportJson(figures: ReportFigures): string {
  return safeJson(figures)
}
