import type { AccountId } from '../../trail/account-id.ts'
import { type SharingRights } from './account-needs.ts'
import { callerPolicies } from './caller-policies.ts'
import { resourcePolicies } from './resource-policies.ts'
import { rolePolicies } from './role-policies.ts'
import type { SharingAccount, SharingExtras, SharingTrail } from './sharing-account.ts'
import type { SharingPolicy } from './sharing-policy.ts'

export interface SharingRequest {
  readonly trail: SharingTrail
  /** Of the config. Those that share a role with each other get one policy of that role. */
  readonly accounts: readonly SharingAccount[]
  readonly extras: SharingExtras & {
    /** Whose the bucket of the copies is. Undefined: of the account whose role writes there. */
    readonly targetOwner?: AccountId | undefined
  }
  readonly rights: SharingRights
  /** The users or roles that accounts call with, by label, where they are known: each is trusted alone. */
  readonly callers: ReadonlyMap<string, string>
  /** True to give the rights on the logs by the bucket's policy in place of the role's. */
  readonly byBucketPolicy: boolean
}

/**
 * Every policy that the accounts need, on both sides, each the least that works, in the order in which they are best attached:
 * the caller's side first, since a trust policy can only name roles that exist.
 */
export function sharingPolicies(request: SharingRequest): readonly SharingPolicy[] {
  const policies = [...callerPolicies(request), ...rolePolicies(request), ...resourcePolicies(request)]
  return uniqueNames(policies)
}

/** Roles of one name in two accounts, or at two paths. */
function uniqueNames(policies: readonly SharingPolicy[]): readonly SharingPolicy[] {
  const taken = new Set<string>()
  return policies.map((policy) => {
    const candidates = [policy.name, `${policy.name}-${policy.inAccount}`]
    let name = candidates.find((candidate) => !taken.has(candidate))
    for (let count = 2; name === undefined; count++) {
      const counted = `${policy.name}-${policy.inAccount}-${count}`
      if (!taken.has(counted)) name = counted
    }
    taken.add(name)
    return { ...policy, name }
  })
}
