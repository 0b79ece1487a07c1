import type { SharingPolicy } from '../../identity/sharing/sharing-policy.ts'

/** A name for each policy: what `nameOf` says, numbered from the second of that name on. */
export function uniqueNames(
  policies: readonly SharingPolicy[],
  nameOf: (policy: SharingPolicy) => string,
  separator: string,
): ReadonlyMap<SharingPolicy, string> {
  const taken = new Set<string>()
  return new Map(
    policies.map((policy) => {
      const base = nameOf(policy)
      let name = base
      for (let count = 2; taken.has(name); count++) name = `${base}${separator}${count}`
      taken.add(name)
      return [policy, name]
    }),
  )
}

/** The roles among these policies that must be there before this one: IAM takes no trust policy that names a role it does not know. */
export function rolesBefore(policy: SharingPolicy, policies: readonly SharingPolicy[]): readonly SharingPolicy[] {
  const trusted = new Set(policy.document.Statement.flatMap(({ Principal }) => Principal?.AWS ?? []))
  return policies.filter(
    (other) => other !== policy && other.attachment.type === 'role-trust' && trusted.has(other.attachTo),
  )
}
