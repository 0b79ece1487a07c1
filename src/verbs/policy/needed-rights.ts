import type { Account } from '../../config/config.ts'
import type { SharingNeed } from '../../identity/sharing/need-statements.ts'
import type { SharingExtras } from '../../identity/sharing/sharing-account.ts'
import { copyRights } from '../copy/options.ts'
import { deleteRights } from '../delete/options.ts'
import { downloadRights } from '../download/options.ts'
import { bucketsRights, listRights } from '../list/options.ts'
import { restoreRights } from '../restore/options.ts'
import { verifyRights } from '../verify/options.ts'

/** Rights that only some options of the verbs need. */
export interface OptionRights {
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

/** Returns the rights that an account's role needs for everything that the account allows, each once, in the order of a policy's statements. */
export function neededRights(
  allow: Account['allow'],
  rights: OptionRights,
  { target, keyArn, targetKeyArn }: SharingExtras,
): readonly SharingNeed[] {
  const { versions, bypassGovernance, thaw, acl, buckets } = rights
  const byVerb = {
    list: buckets ? [listRights, bucketsRights] : [listRights],
    download: [downloadRights],
    verify: [verifyRights({ keysFile: undefined })],
    copy: [copyRights({ thaw, target })],
    delete: [deleteRights({ versions, bypassGovernance, target }), ...(versions ? [restoreRights] : [])],
  }
  const unnamed = new Set<SharingNeed>([
    ...(keyArn === undefined ? (['decrypt'] as const) : []),
    ...(targetKeyArn === undefined ? (['encryptCopies'] as const) : []),
    ...(acl ? [] : (['storeAcl'] as const)),
  ])
  const needed = new Set<SharingNeed>(['list', ...allow.flatMap((verb) => byVerb[verb].flatMap(({ needs }) => needs))])
  return shownOrder.filter((need) => needed.has(need) && !unnamed.has(need))
}

const shownOrder = [
  'list',
  'read',
  'decrypt',
  'readTags',
  'thaw',
  'delete',
  'readProtection',
  'listVersions',
  'deleteVersions',
  'readLocks',
  'bypassGovernance',
  'listCopies',
  'readCopies',
  'store',
  'storeAcl',
  'encryptCopies',
  'listBuckets',
  'listPublicKeys',
] as const satisfies readonly SharingNeed[]
