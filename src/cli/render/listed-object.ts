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
  json: (row) => {
    const { key, sizeBytes, etag, lastModifiedMs, deliveredAtMs } = row.object
    const line = `{"key":${safeJsonText(key)},"sizeBytes":${sizeBytes},"lastModified":"${instantText(lastModifiedMs)}","etag":${safeJsonText(etag)}${placeJson(row)}`
    return deliveredAtMs === undefined ? `${line}}` : `${line},"deliveredAt":"${instantText(deliveredAtMs)}"}`
  },
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

let lastPlace: (ListedRow & { readonly json: string }) | undefined

/** The fields between: where an object lies, which is where the one before it lay, made once. */
function placeJson({ account, object }: ListedRow): string {
  const last = lastPlace?.object
  if (
    lastPlace?.account !== account ||
    last?.storageClass !== object.storageClass ||
    last.logAccount !== object.logAccount ||
    last.region !== object.region ||
    last.kind !== object.kind
  ) {
    const { storageClass, logAccount, region, kind } = object
    const parts = logAccount === undefined ? '' : `,"logAccount":"${logAccount}","region":"${region}","kind":"${kind}"`
    const json = `,"storageClass":${safeJsonText(storageClass)},"account":${safeJsonText(account)}${parts}`
    lastPlace = { account, object, json }
  }
  return lastPlace.json
}

function deliveredAt(object: OutcomeObject): string | undefined {
  return object.deliveredAtMs === undefined ? undefined : instantText(object.deliveredAtMs)
}
