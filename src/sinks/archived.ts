import type { ListedObject } from '../trail/log-object.ts'

/** True if S3 would refuse to read the object. The archive tiers of INTELLIGENT_TIERING show only when the object is read. */
export function isArchived({ storageClass, restored }: Pick<ListedObject, 'storageClass' | 'restored'>): boolean {
  return (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE') && restored !== true
}
