import { goalRights } from '../copy/copy.ts'
import { downloadRights } from '../download/options.ts'
import type { Verb } from '../verb.ts'
import { pullDefaults, type PullOptions } from './options.ts'
import type { PullReport } from './report.ts'

/**
 * Takes what the target has not yet, and moves its coverage on. Whatever keeps it from its end, coverage only names what is safely
 * there; the next pull takes the rest. Each pull has sessions of its own.
 * Throws `lock.held` if another pull is at work on the target, `lock.unreadable`, `coverage.damaged`, `coverage.newer`,
 * `coverage.other-trail`, `coverage.other-target`, `disk.…`, and what keeps a writing account out.
 */
export const pull: Verb<PullOptions, Pick<PullOptions, keyof typeof pullDefaults>, PullReport> = {
  name: 'pull',
  defaults: pullDefaults,
  rights: ({ sink }) => (sink.type === 's3' ? goalRights(sink, false) : downloadRights),
  run: async (options, host) => (await import('./pull-logs.ts')).pullLogs(options, host),
}
