import { goalRights } from '../copy/copy.ts'
import { datasetRights } from '../dataset-rights.ts'
import { downloadRights } from '../download/options.ts'
import type { Rights } from '../rights.ts'
import type { Verb } from '../verb.ts'
import { withVerifyRights } from '../verify/options.ts'
import { pullDefaults, type PullOptions } from './options.ts'
import type { PullReport } from './report.ts'

/**
 * Takes what the target does not have yet, and advances its coverage. If a pull fails or is killed, coverage names only what is durable at the
 * target, and the next pull takes the rest. Each pull opens its own sessions.
 * With `verify`, it then verifies what became due. If that fails, the next pull repeats it.
 * Throws `lock.held` if another pull holds the target, `lock.unreadable`, `coverage.damaged`, `coverage.newer`, `coverage.other-trail`,
 * `coverage.other-target`, `disk.…`, with `verify` also `config.public-key` and `usage.…`, and the error of a writing account that cannot open its session.
 */
export const pull: Verb<PullOptions, Pick<PullOptions, keyof typeof pullDefaults>, PullReport> = {
  name: 'pull',
  defaults: pullDefaults,
  rights: (options) => withVerifyRights(rightsFor(options.sink), options),
  run: async (options, host) => (await import('./pull-logs.ts')).pullLogs(options, host),
}

function rightsFor(sink: PullOptions['sink']): Rights {
  if (sink.type === 's3') return goalRights(sink, false)
  return sink.type === 'parquet' && sink.bucket !== undefined ? datasetRights(sink.bucket) : downloadRights
}
