import type { LogObject } from '../../trail/log-object.ts'
import type { Source, SourceSlice } from '../../work/source.ts'
import { mostKeysPerCall } from './deletion-batches.ts'
import type { Deletion } from './deletion.ts'
import { pagesInTurns } from './in-turns.ts'
import type { DeletePlan } from './plan-lines.ts'
import { plannedDeletions } from './plan-reader.ts'
import type { SourceCopy } from './source-copy.ts'

/** Gives what a plan deletes through an account: each log object with its deletion as its twin. Signals are heard meanwhile. */
export function planSource(
  plan: DeletePlan,
  copy: SourceCopy,
  takes: (object: LogObject) => boolean,
  signal: AbortSignal,
): Source<SourceSlice>['read'] {
  return async ({ account }, { take }) => {
    const isWanted = (deletion: Deletion) => deletion.account === account && takes(deletion.object)
    const pages = pagesInTurns(plannedDeletions(plan, copy), isWanted, mostKeysPerCall, copy.file, signal)
    for await (const page of pages) await take({ objects: page.map(({ object }) => object), twins: page })
  }
}
