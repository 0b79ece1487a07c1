import type { DeleteItem } from '../../s3/delete-answers.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { Trail } from '../../trail/trail.ts'

/** One planned deletion: through which account, of what, under which conditions. */
export interface Deletion {
  readonly account: string
  readonly object: LogObject
  readonly item: DeleteItem
}

/** Whether a deletion that failed with this code may have happened, because only its answer was lost. A refused one did not happen. */
export function mayHaveHappened(code: string): boolean {
  return /^(?:network|bucket)\./.test(code)
}

export type NamedTrail = Pick<Trail, 'bucket' | 'owner' | 'prefix' | 'organization'>

export function isSameTrail(a: NamedTrail, b: NamedTrail): boolean {
  return a.bucket === b.bucket && a.owner === b.owner && a.prefix === b.prefix && a.organization === b.organization
}
