import type { AccountId } from '../../src/trail/account-id.ts'
import type { LogObject } from '../../src/trail/log-object.ts'

/** Returns an object of which only the key matters, and perhaps the size. */
export function logObject(key: string, sizeBytes = 5): LogObject {
  return {
    key,
    sizeBytes,
    etag: '',
    lastModifiedMs: 0,
    storageClass: 'STANDARD',
    restored: undefined,
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    deliveredAtMs: 0,
  }
}
