import type { AccountId } from '../../trail/account-id.ts'
import type { PolicyDocument } from '../policy-document.ts'

/** Who attaches it: the account that owns the bucket, or the account that reads. */
export type SharingSide = 'owner' | 'caller'

export type SharingKind =
  | 'caller' // the caller may assume the first role
  | 'service-trust' // of the role of an instance, a task or a pod: one of its statements is enough
  | 'hop-trust' // of an intermediate role
  | 'hop' // an intermediate role may assume the next one
  | 'trust' // of the role that is assumed last
  | 'role' // what that role may do
  | 'bucket' // the policy of the trail's bucket
  | 'key' // the policy of the key that encrypts the logs
  | 'target-bucket' // the same two for the copies
  | 'target-key'

export type SharingAttachment =
  | {
      readonly type: 'role-trust'
      readonly roleName: string
      readonly path: string
      /** The role's maximum duration, if an account asks for more than IAM's default of an hour. */
      readonly maxSessionSeconds?: number | undefined
      /** True if the role goes into an EC2 instance profile. */
      readonly instanceProfile?: boolean | undefined
    }
  | { readonly type: 'role-policy'; readonly roleName: string }
  | { readonly type: 'user-policy'; readonly userName: string }
  /** A user, a role or a permission set that the config does not name. */
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
  /** An ARN, or a description if the ARN is not known. */
  readonly attachTo: string
  readonly attachment: SharingAttachment
  /** A valid PolicyName, unique among these policies. */
  readonly name: string
  readonly document: PolicyDocument
}
