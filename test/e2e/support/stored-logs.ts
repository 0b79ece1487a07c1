import { createHash } from 'node:crypto'
import type { Lab } from '../../../src/lab/lab.ts'
import type { StoredObject } from '../../../src/lab/stored-object.ts'

/** A log of the lab's bucket. Its key is parsed by the tests' own pattern. */
export interface StoredLog {
  readonly key: string
  readonly logAccount: string
  readonly kind: string
  readonly region: string
  /** `20261101T0005` */
  readonly stamp: string
  readonly object: StoredObject
}

const pattern =
  /^AWSLogs\/(\d{12})\/(CloudTrail|CloudTrail-\w+)\/([a-z0-9-]+)\/\d{4}\/\d\d\/\d\d\/\1_\2_\3_(?:.*_)?(\d{8}T\d{4})\d*Z(?:_\w+)?\.json\.gz$/

const kinds: Readonly<Record<string, string>> = {
  CloudTrail: 'events',
  'CloudTrail-Insight': 'insight',
  'CloudTrail-NetworkActivity': 'network-activity',
  'CloudTrail-Aggregated': 'aggregated',
  'CloudTrail-Digest': 'digest',
}

/** All logs in the lab's bucket in key order, without foreign objects. */
export function storedLogs(lab: Lab): StoredLog[] {
  const bucket = lab.bucket()
  return bucket.keys().flatMap((key) => {
    const [, logAccount, folder, region, stamp] = pattern.exec(key) ?? []
    const object = bucket.get(key)
    if (!logAccount || !folder || !region || !stamp || object === undefined) return []
    return [{ key, logAccount, kind: kinds[folder] ?? folder, region, stamp, object }]
  })
}

export function keysOf(logs: readonly StoredLog[]): string[] {
  return logs.map(({ key }) => key).sort()
}

/** The expected mirror of these logs: the digest of each file, by path. */
export function mirrorOf(
  logs: readonly StoredLog[],
  { path = (log: StoredLog) => log.key, content = (body: Buffer) => body } = {},
): Record<string, string> {
  return sortedRecord(logs.map((log) => [path(log), digestOf(content(log.object.body))]))
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}

export function sortedRecord(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
