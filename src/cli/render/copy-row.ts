import type { Outcome } from '../../work/outcome.ts'
import { outcomeShape } from './outcome-row.ts'
import type { RowShape } from './result-rows.ts'

export const copyShape: RowShape<Outcome> = {
  ...outcomeShape,
  fields: ['status', 'account', 'key', 'sizeBytes', 'reason', 'code', 'message', 'target', 'mode', 'bytes'],
}
