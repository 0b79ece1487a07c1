import type { PolicyStatement } from '../../identity/policy-document.ts'
import type { CrosstrailError } from '../../error.ts'
import { type AccountId, isAccountId } from '../../trail/account-id.ts'

/** Who must change something: Account A, the account that calls, the config, or this machine. */
export type Side = 'owner' | 'caller' | 'config' | 'machine'

/** The policy a statement is to be added to: a role's trust, the permissions of A's role, of a hop, of who calls; a bucket's; a KMS key's. */
export type PolicyPlace = 'trust' | 'role' | 'hop' | 'caller' | 'bucket' | 'key'

/** One thing to change, with its place named so that a program can change it. */
export type DoctorFix =
  | {
      readonly type: 'policy'
      readonly side: 'owner' | 'caller'
      readonly kind: PolicyPlace
      /** An ARN; words where it is not known. */
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
      /** Missing where it is not known. */
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
  'write true: whoever asks pays for this bucket',
  'true',
)

export function wordsFix(side: Side, does: string): DoctorFix {
  return { type: 'words', side, does }
}

/** What an error's hint says to do. `side` must do it, unless AWS refuses an account as a whole. */
export function hintFix(side: Side, { code, hint, message }: CrosstrailError): DoctorFix {
  return wordsFix(code === 'access.account-problem' ? 'owner' : side, hint ?? message)
}

/** The account an ARN names, else the one given. */
export function accountOfArn(arn: string, fallback: AccountId): AccountId {
  const id = arn.split(':')[4] ?? ''
  return isAccountId(id) ? id : fallback
}
