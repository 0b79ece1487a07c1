import { holdsAt } from '../../trail/file-name.ts'
import { ownText } from '../../trail/own-text.ts'
import { isPlainJson } from '../../work/json-text.ts'
import type { OutcomeObject } from '../../work/outcome.ts'
import { escapeText, safeJsonText } from './escape.ts'
import { instantText } from './instant.ts'
import { formatBytes } from './quantity.ts'
import type { RowShape } from './result-rows.ts'

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
    const { head, isPlain, json } = placeOf(row)
    const keyText = isPlain && holdsAt(key, 0, head) ? key : safeJsonText(key)
    const line = `{"key":"${keyText}","sizeBytes":${sizeBytes},"lastModified":"${instantText(lastModifiedMs)}","etag":"${safeJsonText(etag)}${json}`
    return deliveredAtMs === undefined ? `${line}}` : `${line}${instantText(deliveredAtMs)}"}`
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

interface Place extends ListedRow {
  /** The beginning of the keys, up to the folders of the day. */
  readonly head: string
  /** Whether keys with this head need no escaping in JSON. The rest of a log's key is letters, digits and a few marks. */
  readonly isPlain: boolean
  readonly json: string
}

let lastPlace: Place | undefined

/** The place of an object. It is cached, because most objects share it with the one before. */
function placeOf({ account, object }: ListedRow): Place {
  const last = lastPlace?.object
  if (
    lastPlace?.account === account &&
    last?.storageClass === object.storageClass &&
    last.logAccount === object.logAccount &&
    last.region === object.region &&
    last.kind === object.kind
  ) {
    return lastPlace
  }
  const { storageClass, logAccount, region, kind } = object
  const parts =
    logAccount === undefined
      ? ''
      : `,"logAccount":"${logAccount}","region":"${region}","kind":"${kind}","deliveredAt":"`
  const json = `","storageClass":"${safeJsonText(storageClass)}","account":"${safeJsonText(account)}"${parts}`
  const head = ownText(object.key.split('/').slice(0, -4).join('/'))
  lastPlace = { account, object, head, isPlain: kind !== undefined && isPlainJson(head), json }
  return lastPlace
}

function deliveredAt(object: OutcomeObject): string | undefined {
  return object.deliveredAtMs === undefined ? undefined : instantText(object.deliveredAtMs)
}
