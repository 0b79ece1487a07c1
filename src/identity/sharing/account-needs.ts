import type { SharingNeed } from './need-statements.ts'
import type { SharingAccount, SharingExtras } from './sharing-account.ts'

/** Rights that only some options of the verbs need. */
export interface SharingRights {
  /** `delete --versions` and `restore`. */
  readonly versions: boolean
  /** `delete --bypass-governance`. */
  readonly bypassGovernance: boolean
  /** `copy --restore-tier`. */
  readonly thaw: boolean
  /** `copy --acl`. */
  readonly acl: boolean
  /** `list --buckets`. */
  readonly buckets: boolean
}

/** What the role of an account must be able to do for all that the account allows, each need once. */
export function accountNeeds(
  { allow }: Pick<SharingAccount, 'allow'>,
  rights: SharingRights,
  extras: SharingExtras,
): readonly SharingNeed[] {
  const has = (verb: SharingAccount['allow'][number]): boolean => allow.includes(verb)
  const deletes = has('delete')
  const reads = has('download') || has('copy') || deletes
  const copies = has('copy') && extras.target !== undefined
  const needs: [SharingNeed, boolean][] = [
    ['list', true],
    ['read', reads],
    ['decrypt', reads && extras.keyArn !== undefined],
    ['readTags', has('copy')],
    ['thaw', has('copy') && rights.thaw],
    ['delete', deletes],
    ['readProtection', deletes],
    ['listVersions', deletes && rights.versions],
    ['deleteVersions', deletes && rights.versions],
    ['readLocks', deletes && rights.versions],
    ['bypassGovernance', deletes && rights.versions && rights.bypassGovernance],
    ['listCopies', copies || (deletes && extras.target !== undefined)],
    ['readCopies', copies || (deletes && extras.target !== undefined)],
    ['store', copies],
    ['storeAcl', copies && rights.acl],
    ['encryptCopies', copies && extras.targetKeyArn !== undefined],
    ['listBuckets', has('list') && rights.buckets],
  ]
  return needs.flatMap(([need, needed]) => (needed ? [need] : []))
}

/** Whose word can give a need's right besides the role's own policy. */
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
}
