import type { RunReport } from '../../work/run-event.ts'
import type { Rights } from '../rights.ts'
import type { Verb } from '../verb.ts'
import { parseDestination } from '../../sinks/bucket/destination.ts'
import { copyDefaults, type CopyGoal, type CopyOptions, copyRights } from './options.ts'

/**
 * Copies the selection below another prefix, metadata and all. What is there and right is skipped.
 * The journal is written to its folder, except in a dry run, which changes nothing. Throws CrosstrailError `disk.journal`,
 * `usage.invalid-value`, `usage.copy-onto-itself`, and what keeps the writing account out.
 */
export const copy: Verb<CopyOptions, typeof copyDefaults, RunReport> = {
  name: 'copy',
  defaults: copyDefaults,
  rights: (options) => goalRights(options, options.thaw !== undefined),
  run: async (options, host) => (await import('./copy-logs.ts')).copyLogs(options, host),
}

/** Of the sessions that read what is copied. They write too, unless another account does. */
export function goalRights({ to, toAccount }: Pick<CopyGoal, 'to' | 'toAccount'>, thaw: boolean): Rights {
  return copyRights({ thaw, target: toAccount === undefined ? parseDestination(to) : undefined })
}
