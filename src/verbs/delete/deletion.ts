import type { DeleteItem } from '../../s3/delete-answers.ts'
import type { LogObject } from '../../trail/log-object.ts'

/** One deletion to be made: through which account, of what, under which conditions. */
export interface Deletion {
  readonly account: string
  readonly object: LogObject
  readonly item: DeleteItem
}

/** Whether a deletion that failed with this code may have been done all the same: it failed on the way. A refusal was not done. */
export function mayHaveHappened(code: string): boolean {
  return /^(?:network|bucket)\./.test(code)
}
