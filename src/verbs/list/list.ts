import type { RunReport } from '../../work/run-event.ts'
import type { Verb } from '../verb.ts'
import { listDefaults, type ListOptions, listRights } from './options.ts'

/** Lists the selection's log objects: each comes as an outcome that is done. */
export const list: Verb<ListOptions, typeof listDefaults, RunReport> = {
  name: 'list',
  defaults: listDefaults,
  rights: () => listRights,
  run: async (options, host) => (await import('./list-logs.ts')).listLogs(options, host),
}
