import type { DeleteItem } from '../../s3/bucket-admin.ts'
import type { LogObject } from '../../trail/log-object.ts'

/** One deletion to be made: through which account, of what, under which conditions. */
export interface Deletion {
  readonly account: string
  readonly object: LogObject
  readonly item: DeleteItem
}
