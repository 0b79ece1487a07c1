import { instantText } from './instant.ts'
import type { OutcomeObject } from '../../work/outcome.ts'
import { escapeText, safeJsonText } from './escape.ts'
import { formatBytes } from './quantity.ts'
import type { RowShape } from './result-rows.ts'

/** An object, and the account whose role listed it. */
export interface ListedRow {
  readonly account: string
  readonly object: OutcomeObject
}

/** How `list` shows an object. The fields of JSON and CSV are stable. */
export const listedObjectShape: RowShape<ListedRow> = {
  fields: [
    'key',
    'sizeBytes',
    'lastModified',
    'etag',
    'storageClass',
    'account',
    'logAccount',
    'region',
    'kind',
    'deliveredAt',
  ],
  record: ({ account, object }) => ({
    key: object.key,
    sizeBytes: object.sizeBytes,
    lastModified: instantText(object.lastModifiedMs),
    etag: object.etag,
    storageClass: object.storageClass,
    account,
    logAccount: object.logAccount,
    region: object.region,
    kind: object.kind,
    deliveredAt: deliveredAt(object),
  }),
  json: ({ account, object }) =>
    `{"key":${safeJsonText(object.key)},"sizeBytes":${object.sizeBytes},"lastModified":"${instantText(object.lastModifiedMs)}"` +
    `,"etag":${safeJsonText(object.etag)},"storageClass":${safeJsonText(object.storageClass)},"account":${safeJsonText(account)}` +
    (object.deliveredAtMs === undefined
      ? '}'
      : `,"logAccount":"${object.logAccount}","region":"${object.region}","kind":"${object.kind}","deliveredAt":"${instantText(object.deliveredAtMs)}"}`),
  columns: [
    { title: 'DELIVERED', width: 20 },
    { title: 'SIZE', width: 7, align: 'right' },
    { title: 'LOG ACCOUNT', width: 12 },
    { title: 'REGION', width: 14 },
    { title: 'KIND', width: 6 },
    { title: 'KEY', width: 0 },
  ],
  cells: ({ object }) => [
    deliveredAt(object) ?? '-',
    formatBytes(object.sizeBytes),
    object.logAccount ?? '-',
    object.region ?? '-',
    object.kind ?? '-',
    escapeText(object.key),
  ],
}

function deliveredAt(object: OutcomeObject): string | undefined {
  return object.deliveredAtMs === undefined ? undefined : instantText(object.deliveredAtMs)
}
