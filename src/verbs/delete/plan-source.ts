import type { LogObject } from '../../trail/log-object.ts'
import type { Source, SourceSlice } from '../../work/source.ts'
import { mostKeysPerCall } from './deletion-batches.ts'
import type { Deletion } from './deletion.ts'
import { pagesOf } from './pages.ts'
import { plannedDeletions, type ReadDeletePlan } from './plan-reader.ts'

/** Gives what a plan deletes through an account: each log object with its deletion as its twin. */
export function planSource(
  plan: ReadDeletePlan,
  takes: (object: LogObject) => boolean,
  signal: AbortSignal,
): Source<SourceSlice>['read'] {
  return async ({ account }, { take }) => {
    const isWanted = (deletion: Deletion) => deletion.account === account && takes(deletion.object)
    const pages = pagesOf(plannedDeletions(plan, signal), isWanted, mostKeysPerCall)
    for await (const page of pages) await take({ objects: page.map(({ object }) => object), twins: page })
  }
}
