import type { Rights } from '../rights.ts'
import type { Verb } from '../verb.ts'
import { parseDestination } from '../../sinks/bucket/destination.ts'
import { keysFrom, withVerification } from '../verify/options.ts'
import { copyDefaults, type CopyGoal, type CopyOptions, type CopyReport, copyRights } from './options.ts'

/**
 * Copies the selection below another prefix, with its metadata. Copies that are present and correct are skipped.
 * The journal is written to its folder, except in a dry run, which changes nothing. Throws CrosstrailError `disk.journal`,
 * `usage.invalid-value`, `config.public-key`, `usage.copy-onto-itself`, and the error of a writing account that cannot open its session.
 */
export const copy: Verb<CopyOptions, typeof copyDefaults, CopyReport> = {
  name: 'copy',
  defaults: copyDefaults,
  rights: (options) => withVerification(goalRights(options, options.thaw !== undefined), keysFrom(options)),
  run: async (options, host) => (await import('./copy-logs.ts')).copyLogs(options, host),
}

/** Returns the rights of the sessions that read. They also write, unless another account does. */
export function goalRights({ to, toAccount }: Pick<CopyGoal, 'to' | 'toAccount'>, thaw: boolean): Rights {
  return copyRights({ thaw, target: toAccount === undefined ? parseDestination(to) : undefined })
}
