import type { AccountId } from '../../trail/account-id.ts'
import type { SharingNeed } from './need-statements.ts'
import type { SharingAccount, SharingExtras, SharingTrail } from './sharing-account.ts'

export interface SharingRequest {
  readonly trail: SharingTrail
  /** Of the config. Those that share a role with each other get one policy of that role. */
  readonly accounts: readonly SharingAccount[]
  readonly extras: SharingExtras & {
    /** Whose the bucket of the copies is. Undefined: of the account whose role writes there. */
    readonly targetOwner?: AccountId | undefined
  }
  /** What the role of an account must be able to do, each need once. */
  readonly needsOf: (account: SharingAccount) => readonly SharingNeed[]
  /** The users or roles that accounts call with, by label, where they are known: each is trusted alone. */
  readonly callers: ReadonlyMap<string, string>
  /** True to give the rights on the logs by the bucket's policy in place of the role's. */
  readonly byBucketPolicy: boolean
}
