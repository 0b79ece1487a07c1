import type { SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'

/** A unique name for each policy: that of `nameOf`, with a number from the second policy of that name on. */
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

/** The roles among `policies` that must exist before this one. IAM refuses a trust policy that names a role that does not exist. */
export function rolesBefore(policy: SharingPolicy, policies: readonly SharingPolicy[]): readonly SharingPolicy[] {
  const trusted = new Set(policy.document.Statement.flatMap(({ Principal }) => Principal?.AWS ?? []))
  return policies.filter(
    (other) => other !== policy && other.attachment.type === 'role-trust' && trusted.has(other.attachTo),
  )
}

/** The policies of topics, queues, keys and rules that must be there before a setting. S3 refuses a notification to a place that does not let it in. */
export function policiesBefore(
  { accounts }: SharingSetting,
  policies: readonly SharingPolicy[],
): readonly SharingPolicy[] {
  return policies.filter(
    ({ kind, accounts: labels }) =>
      /^(?:topic|queue|rule)/.test(kind) && labels.some((label) => accounts.includes(label)),
  )
}
