import type { RunReport } from '../../work/run-event.ts'
import type { Verb } from '../verb.ts'
import { bucketsRights, listDefaults, type ListOptions, listRights } from './options.ts'
import type { VisibleBucket } from './own-buckets.ts'
import type { Summary } from './summary.ts'

/** Lists the selection's log objects. Each is an outcome with status `done`. */
export const list: Verb<ListOptions, typeof listDefaults, RunReport> = {
  name: 'list',
  defaults: listDefaults,
  rights: () => listRights,
  run: async (options, host) => (await import('./list-logs.ts')).listLogs(options, host),
}

/** The same listing, counted by account, log account, region, kind and day. */
export const summarize: Verb<
  ListOptions,
  typeof listDefaults,
  { readonly report: RunReport; readonly summary: Summary }
> = {
  name: 'list --summary',
  defaults: listDefaults,
  rights: () => listRights,
  run: async (options, host) => (await import('./list-logs.ts')).summarizeLogs(options, host),
}

export interface BucketsOptions {
  /** Labels of the config. Empty: all. */
  readonly accounts: readonly string[]
}

const bucketsDefaults: BucketsOptions = { accounts: [] }

/** Lists the buckets that the accounts' roles can see. If an account fails, the report has its error, and the listener gets an event. */
export const listBuckets: Verb<
  BucketsOptions,
  typeof bucketsDefaults,
  { readonly report: RunReport; readonly buckets: readonly VisibleBucket[] }
> = {
  name: 'list --buckets',
  defaults: bucketsDefaults,
  rights: () => bucketsRights,
  run: async ({ accounts }, host) => (await import('./own-buckets.ts')).ownBuckets(accounts, host),
}
