import type { AccountId } from '../../trail/account-id.ts'
import type { Trail } from '../../trail/trail.ts'
import type { SessionAccount } from '../session-account.ts'

/** What policies need to know of an account of the config. A resolved account has this shape. */
export interface SharingAccount extends SessionAccount {
  readonly id: AccountId
  readonly reads: 'own' | 'all' | readonly AccountId[]
  readonly allow: readonly ('list' | 'download' | 'copy' | 'delete' | 'verify')[]
}

/** The trail whose bucket is shared. The trail of the config has this shape. */
export type SharingTrail = Trail

/** What is needed besides the trail: where copies go, and the keys that encrypt. */
export interface SharingExtras {
  /** Where copies go. The prefix has no slash at its start or end. */
  readonly target?: { readonly bucket: string; readonly prefix: string } | undefined
  readonly keyArn?: string | undefined
  readonly targetKeyArn?: string | undefined
  /** The trail's own ARN, which CloudTrail uses as the encryption context. */
  readonly trailArn?: string | undefined
}
