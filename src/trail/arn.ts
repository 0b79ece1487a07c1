import { type AccountId, isAccountId } from './account-id.ts'
import { arnPartition, type Partition } from './region.ts'

/** The parts of `arn:PARTITION:iam::ACCOUNT:role/path/name`. */
export interface RoleArn {
  readonly partition: Partition
  readonly accountId: AccountId
  readonly roleName: string
  /** `/` if the role has no path, else with a slash at both ends: `/audit/logs/`. */
  readonly path: string
}

// By IAM's API reference: RoleName, and Path with up to 512 printable ASCII characters.
const roleArnPattern = /^arn:[^:]+:iam::(\d{12}):role(\/(?:[!-~]{1,510}\/)?)([\w+=,.@-]{1,64})$/

/** Returns the parts of a role's ARN. Returns undefined for anything else, also for the session of an assumed role (`arn:aws:sts::…`). */
export function parseRoleArn(arn: string): RoleArn | undefined {
  const [, accountId, path, roleName] = roleArnPattern.exec(arn) ?? []
  const partition = arnPartition(arn)
  if (accountId === undefined || path === undefined || roleName === undefined) return undefined
  if (partition === undefined || !isAccountId(accountId)) return undefined
  return { partition, accountId, roleName, path }
}
