import type { ListedObject } from '../trail/log-object.ts'

/** Whether S3 would refuse to read it. The archive tiers of INTELLIGENT_TIERING show only when it is read. */
export function isArchived({ storageClass, restored }: Pick<ListedObject, 'storageClass' | 'restored'>): boolean {
  return (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE') && restored !== true
}
