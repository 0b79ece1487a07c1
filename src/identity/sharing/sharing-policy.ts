import type { AccountId } from '../../trail/account-id.ts'
import type { PolicyDocument } from '../policy-document.ts'

/** Who attaches it: the account that owns the bucket, or the one that reads. */
export type SharingSide = 'owner' | 'caller'

export type SharingKind =
  | 'caller' // who calls may assume the first role
  | 'service-trust' // of the role an instance, a task or a pod has: one of its statements is enough
  | 'hop-trust' // of a role on the way
  | 'hop' // a role on the way may assume the next one
  | 'trust' // of the role that is assumed last
  | 'role' // what that role may do
  | 'bucket' // the policy of the trail's bucket
  | 'key' // the policy of the key that encrypts the logs
  | 'target-bucket' // the same of the copies
  | 'target-key'

export type SharingAttachment =
  | {
      readonly type: 'role-trust'
      readonly roleName: string
      readonly path: string
      /** The role's maximum, where an account asks for more than IAM's default of an hour. */
      readonly maxSessionSeconds?: number | undefined
      /** True where the role goes into an EC2 instance's profile. */
      readonly instanceProfile?: boolean | undefined
    }
  | { readonly type: 'role-policy'; readonly roleName: string }
  | { readonly type: 'user-policy'; readonly userName: string }
  /** A user, a role or a permission set that the config doesn't name. */
  | { readonly type: 'unnamed-principal' }
  | { readonly type: 'bucket-policy'; readonly bucket: string }
  | { readonly type: 'key-policy'; readonly keyArn: string }

export interface SharingPolicy {
  readonly side: SharingSide
  readonly kind: SharingKind
  /** The labels of the accounts it serves. */
  readonly accounts: readonly string[]
  /** The AWS account in which it is attached. */
  readonly inAccount: AccountId
  /** An ARN, or words where it is not known. */
  readonly attachTo: string
  readonly attachment: SharingAttachment
  /** Good as a PolicyName, and different from that of every other. */
  readonly name: string
  readonly document: PolicyDocument
}
