import type { AccountId } from '../../trail/account-id.ts'
import { neededRights } from '../policy/needed-rights.ts'
import type { Rights } from '../rights.ts'
import type { Account } from '../../config/config.ts'
import type { DoctorStep } from './step.ts'

/** Which accounts are examined, and who hears of it. */
export interface DoctorOptions {
  /** Labels of the config. Empty: all. */
  readonly accounts: readonly string[]
  /** `s3://bucket/prefix` where copies would go. */
  readonly to?: string | undefined
  /** Whose that bucket is. Default: the trail's owner. */
  readonly toOwner?: AccountId | undefined
  /** Where that bucket is. Default: where the trail's is. */
  readonly toRegion?: string | undefined
  /** Hears each step as it is known. Those of one account come in order. */
  readonly onStep?: ((step: DoctorStep) => void) | undefined
  /** Hears that an account has no more steps. */
  readonly onDone?: ((account: string) => void) | undefined
}

export const doctorDefaults: Pick<DoctorOptions, 'accounts'> = { accounts: [] }

/** All that the account's verbs need: the doctor looks whether the role has it. */
export function doctorRights({ allow }: Account, target: Rights['target']): Rights {
  const options = { versions: false, bypassGovernance: false, thaw: false, acl: false, buckets: true }
  return { allow: [], needs: neededRights(allow, options, { target, keyArn: '*', targetKeyArn: '*' }), target }
}
