import { callerPolicies } from './caller-policies.ts'
import { queuePolicies } from './queue-policies.ts'
import { resourcePolicies } from './resource-policies.ts'
import { rolePolicies } from './role-policies.ts'
import type { SharingRequest } from './sharing-request.ts'
import type { SharingPolicy } from './sharing-policy.ts'

/** Returns the least policies that the accounts need, the caller's side first: a trust policy can only name roles that exist. */
export function sharingPolicies(request: SharingRequest): readonly SharingPolicy[] {
  const policies = [
    ...callerPolicies(request),
    ...rolePolicies(request),
    ...resourcePolicies(request),
    ...queuePolicies(request),
  ]
  return uniqueNames(policies)
}

/** Names may repeat if two accounts have a role of the same name, or one account has it at two paths. */
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
