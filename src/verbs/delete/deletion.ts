import type { DeleteItem } from '../../s3/delete-answers.ts'
import type { LogObject } from '../../trail/log-object.ts'

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
