import type { Outcome } from '../../work/outcome.ts'
import { escapeText } from './escape.ts'
import { formatBytes } from './quantity.ts'
import type { Cell, RowShape } from './result-rows.ts'

/** How a verb that acts on objects shows outcomes. The fields of JSON and CSV are stable. */
export const outcomeShape: RowShape<Outcome> = {
  fields: ['status', 'account', 'key', 'sizeBytes', 'reason', 'code', 'message', 'path', 'bytes'],
  record: (outcome) => ({
    status: outcome.status,
    account: outcome.account,
    key: outcome.object.key,
    sizeBytes: outcome.object.sizeBytes,
    ...particulars(outcome),
  }),
  columns: [
    { title: 'STATUS', width: 16 },
    { title: 'ACCOUNT', width: 8 },
    { title: 'SIZE', width: 7, align: 'right' },
    { title: 'KEY', width: 0 },
  ],
  cells: (outcome) => [
    statusText(outcome),
    escapeText(outcome.account),
    formatBytes(outcome.object.sizeBytes),
    escapeText(outcome.object.key),
  ],
}

function particulars(outcome: Outcome): Record<string, Cell> {
  switch (outcome.status) {
    case 'done':
      return { ...outcome.detail, bytes: outcome.bytes }
    case 'skipped':
      return { reason: outcome.reason, ...outcome.detail }
    case 'failed':
      return { code: outcome.error.code, message: outcome.error.message }
  }
}

function statusText(outcome: Outcome): string {
  switch (outcome.status) {
    case 'done':
      return 'done'
    case 'skipped':
      return outcome.reason
    case 'failed':
      return outcome.error.code
  }
}
