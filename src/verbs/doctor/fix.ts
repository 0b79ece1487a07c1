import type { PolicyStatement } from '../../identity/policy-document.ts'
import type { CrosstrailError } from '../../error.ts'
import { type AccountId, isAccountId } from '../../trail/account-id.ts'

/** Who must change something: Account A, the account that calls, the config, or this machine. */
export type Side = 'owner' | 'caller' | 'config' | 'machine'

/** The policy to add a statement to: a role's trust policy, the permissions of A's role, of a hop or of the caller, a bucket's, a KMS key's, a queue's. */
export type PolicyPlace = 'trust' | 'role' | 'hop' | 'caller' | 'bucket' | 'key' | 'queue'

/** One thing to change. It names the place, so that a program can make the change. */
export type DoctorFix =
  | {
      readonly type: 'policy'
      readonly side: 'owner' | 'caller'
      readonly kind: PolicyPlace
      /** An ARN, or a description if the ARN is not known. */
      readonly attachTo: string
      readonly inAccount: AccountId
      readonly does: string
      readonly statement: PolicyStatement
    }
  | {
      readonly type: 'config'
      readonly side: 'config'
      /** `accounts.B.id` */
      readonly path: string
      readonly value?: string | undefined
      readonly does: string
    }
  | {
      readonly type: 'setting'
      readonly side: 'owner' | 'caller'
      readonly setting: 'MaxSessionDuration'
      readonly attachTo: string
      readonly inAccount: AccountId
      readonly value: string
      readonly does: string
    }
  | { readonly type: 'words'; readonly side: Side; readonly does: string }

const titles: Readonly<Record<PolicyPlace, string>> = {
  trust: 'the trust policy of',
  role: 'the permission policy of',
  hop: 'the permission policy of',
  caller: 'the policy of',
  bucket: 'the bucket policy of',
  key: 'the key policy of',
  queue: 'the queue policy of',
}

export interface PolicyFixOf {
  readonly side: 'owner' | 'caller'
  readonly kind: PolicyPlace
  readonly attachTo: string
  readonly inAccount: AccountId
}

export function policyFix(place: PolicyFixOf, statement: PolicyStatement): DoctorFix {
  const does = `add to ${titles[place.kind]} ${place.attachTo}, in account ${place.inAccount}`
  return { type: 'policy', ...place, does, statement }
}

export function configFix(path: string, does: string, value?: string): DoctorFix {
  return { type: 'config', side: 'config', path, does, ...(value !== undefined && { value }) }
}

export const requesterPaysFix = configFix(
  'trail.requesterPays',
  'set this to true: the bucket charges the requester',
  'true',
)

export function wordsFix(side: Side, does: string): DoctorFix {
  return { type: 'words', side, does }
}

/** Returns the error's hint as a fix for `side`. If AWS refuses a whole account, the fix is for the owner. */
export function hintFix(side: Side, { code, hint, message }: CrosstrailError): DoctorFix {
  return wordsFix(code === 'access.account-problem' ? 'owner' : side, hint ?? message)
}

export function accountOfArn(arn: string, fallback: AccountId): AccountId {
  const id = arn.split(':')[4] ?? ''
  return isAccountId(id) ? id : fallback
}
