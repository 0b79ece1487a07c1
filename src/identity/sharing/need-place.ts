import type { SharingNeed } from './need-statements.ts'

/** The resource policy that can grant a need, besides the role's own policy. */
export type NeedPlace = 'bucket' | 'key' | 'target-bucket' | 'target-key' | 'nowhere'

export function needPlace(need: SharingNeed): NeedPlace {
  return places[need]
}

const places: Readonly<Record<SharingNeed, NeedPlace>> = {
  list: 'bucket',
  read: 'bucket',
  readTags: 'bucket',
  thaw: 'bucket',
  delete: 'bucket',
  readProtection: 'bucket',
  readSettings: 'bucket',
  readNotifications: 'bucket',
  listVersions: 'bucket',
  deleteVersions: 'bucket',
  readLocks: 'bucket',
  bypassGovernance: 'bucket',
  decrypt: 'key',
  listCopies: 'target-bucket',
  readCopies: 'target-bucket',
  store: 'target-bucket',
  storeAcl: 'target-bucket',
  encryptCopies: 'target-key',
  listBuckets: 'nowhere',
  listPublicKeys: 'nowhere',
}
