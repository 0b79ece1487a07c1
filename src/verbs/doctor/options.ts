import type { ConfiguredQueue } from '../../config/config.ts'
import { queueOf } from '../with-queue.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { neededRights } from '../policy/needed-rights.ts'
import type { Rights } from '../rights.ts'
import type { Account } from '../../config/config.ts'
import type { DoctorStep } from './step.ts'

/** The options of `doctor`. */
export interface DoctorOptions {
  /** Labels of the config. Empty: all. */
  readonly accounts: readonly string[]
  /** Where copies would go: `s3://bucket/prefix`. */
  readonly to?: string | undefined
  /** The owner of that bucket. Default: the trail's owner. */
  readonly toOwner?: AccountId | undefined
  /** The region of that bucket. Default: the trail's region. */
  readonly toRegion?: string | undefined
  /** The queue that announces new logs. Default: the one of the config. Needs exactly one account. */
  readonly sqs?: ConfiguredQueue | undefined
  /** Called with each step as soon as its result is known. The steps of one account come in order. */
  readonly onStep?: ((step: DoctorStep) => void) | undefined
  /** Called when all steps of an account are done. */
  readonly onDone?: ((account: string) => void) | undefined
}

export const doctorDefaults: Pick<DoctorOptions, 'accounts'> = { accounts: [] }

/** Returns every right that the account's verbs need, because doctor checks whether the role has them. */
export function doctorRights(account: Account, target: Rights['target']): Rights {
  const options = { versions: false, bypassGovernance: false, thaw: false, acl: false, buckets: true }
  const queue = queueOf(account)
  const needs = [
    ...neededRights(account.allow, options, { target, keyArn: '*', targetKeyArn: '*' }),
    ...(queue === undefined ? [] : (['readNotifications'] as const)),
  ]
  return { allow: [], needs, target, queue }
}
