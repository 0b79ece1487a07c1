import type { AccountId } from '../../trail/account-id.ts'
import type { Announcing, SharedQueue } from './announcing.ts'
import type { SharingNeed } from './need-statements.ts'
import type { SharingAccount, SharingExtras, SharingTrail } from './sharing-account.ts'

export interface SharingRequest {
  readonly trail: SharingTrail
  /** The accounts of the config. Accounts that share a role get one policy for that role. */
  readonly accounts: readonly SharingAccount[]
  readonly extras: SharingExtras & {
    /** The owner of the bucket for copies. Undefined: the account whose role writes there. */
    readonly targetOwner?: AccountId | undefined
  }
  /** What the role of an account must be able to do, each need once. */
  readonly needsOf: (account: SharingAccount) => readonly SharingNeed[]
  /** The users or roles that accounts call with, by label, if they are known. Then only these are trusted. */
  readonly callers: ReadonlyMap<string, string>
  /** How new logs are announced to the queues. Undefined: no policy mentions queues. */
  readonly announcing?: Announcing | undefined
  /** The queues of accounts, by label. */
  readonly queues?: ReadonlyMap<string, SharedQueue> | undefined
  /** True to grant the rights on the logs by the bucket's policy instead of the role's. */
  readonly byBucketPolicy: boolean
}
