import { parseDestination } from '../sinks/bucket/destination.ts'
import { type CopyGoal, storeRights } from './copy/options.ts'
import { downloadRights } from './download/options.ts'
import type { Rights } from './rights.ts'

/** Returns the rights of the sessions that read logs for a dataset in a bucket. They also write it, unless another account does. */
export function datasetRights({ to, toAccount }: Pick<CopyGoal, 'to' | 'toAccount'>): Rights {
  if (toAccount !== undefined) return downloadRights
  const writing = storeRights(parseDestination(to))
  return {
    allow: [...downloadRights.allow, ...writing.allow],
    needs: [...downloadRights.needs, ...writing.needs],
    target: writing.target,
  }
}
