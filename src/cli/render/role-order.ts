import type { SharingPolicy } from '../../identity/sharing/sharing-policy.ts'

/** The roles among these policies that must be there before this one: IAM takes no trust policy that names a role it does not know. */
export function rolesBefore(policy: SharingPolicy, policies: readonly SharingPolicy[]): readonly SharingPolicy[] {
  const trusted = new Set(policy.document.Statement.flatMap(({ Principal }) => Principal?.AWS ?? []))
  return policies.filter(
    (other) => other !== policy && other.attachment.type === 'role-trust' && trusted.has(other.attachTo),
  )
}
