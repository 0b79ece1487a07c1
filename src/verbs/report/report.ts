import type { Verb } from '../verb.ts'
import type { ReportReport } from './make-report.ts'
import { reportDefaults, type ReportOptions, reportRights } from './options.ts'

/**
 * Reports what the bucket or folders hold: what is complete, what is missing and what could not be checked. It reads listings and digests, and
 * logs only with `verify` or `events`. Nothing is written. Rejects with `usage.…`, `config.public-key`, and as `events`.
 */
export const report: Verb<ReportOptions, typeof reportDefaults, ReportReport> = {
  name: 'report',
  defaults: reportDefaults,
  rights: reportRights,
  run: async (options, host) =>
    (await import('./make-report.ts')).makeReport(options, host, options.dirs.length === 0 ? host : undefined),
}
