import { type AccountId, isAccountId } from './account-id.ts'
import { arnPartition, type Partition } from './region.ts'

/** The parts of `arn:PARTITION:iam::ACCOUNT:role/path/name`. */
export interface RoleArn {
  readonly partition: Partition
  readonly accountId: AccountId
  readonly roleName: string
  /** `/` for none, else with a slash at both ends: `/audit/logs/`. */
  readonly path: string
}

// Name and path as IAM's API reference has them: RoleName, and Path of up to 512 printable ASCII characters.
const roleArnPattern = /^arn:[^:]+:iam::(\d{12}):role(\/(?:[!-~]{1,510}\/)?)([\w+=,.@-]{1,64})$/

/** The parts of a role's ARN; undefined for anything else, an assumed role's session (`arn:aws:sts::…`) included. */
export function parseRoleArn(arn: string): RoleArn | undefined {
  const [, accountId, path, roleName] = roleArnPattern.exec(arn) ?? []
  const partition = arnPartition(arn)
  if (accountId === undefined || path === undefined || roleName === undefined) return undefined
  if (partition === undefined || !isAccountId(accountId)) return undefined
  return { partition, accountId, roleName, path }
}
