import { parseRoleArn } from '../../trail/arn.ts'
import { type RoleChain, type RoleLink, roleChain } from '../role-chain.ts'
import { needPlace } from './need-place.ts'
import { trustedByFirst } from './caller-policies.ts'
import { groupedBy, groupedDocument } from './grouped-statements.ts'
import type { SharingAccount } from './sharing-account.ts'
import type { SharingRequest } from './sharing-request.ts'
import type { SharingPolicy } from './sharing-policy.ts'
import { assumeStatement, roleStatement, trustStatement, withPodTags } from './statements.ts'

/** Returns the trust and the permission policies of every role that is assumed: intermediate roles first, then the last ones. */
export function rolePolicies(request: SharingRequest): readonly SharingPolicy[] {
  const steps = request.accounts.flatMap((account) => stepsOf(account, request))
  return [...groupedBy(steps, ({ link, last }) => `${last ? 1 : 0} ${link.role}`)]
    .toSorted(([one], [other]) => Number(one.startsWith('1')) - Number(other.startsWith('1')))
    .flatMap(([, group]) => {
      const [first] = group
      return first === undefined ? [] : [trustOf(group, first, request), ...permissionsOf(group, first, request)]
    })
}

/** One AssumeRole of one account. */
interface Step {
  readonly account: SharingAccount
  readonly link: RoleLink
  readonly trusted: string
  /** The role that is assumed next; undefined for the last role. */
  readonly next: RoleLink | undefined
  readonly last: boolean
}

function stepsOf(account: SharingAccount, request: SharingRequest): readonly Step[] {
  const chain: RoleChain = roleChain(account)
  const links = [...chain.hops, chain.role]
  return links.map((link, index) => {
    const trusted = links[index - 1]?.role ?? trustedByFirst(account, request.callers.get(account.label))
    const next = links[index + 1]
    return { account, link, trusted, next, last: next === undefined }
  })
}

function trustOf(group: readonly Step[], first: Step, request: SharingRequest): SharingPolicy {
  const statements = group.map(({ account, link, trusted }) => ({
    label: account.label,
    statements: withPodTags(trustStatement(link, trusted, account.sourceIdentity !== undefined), account),
  }))
  const { roleName, path } = roleParts(first)
  const longest = Math.max(...group.map(({ link }) => link.durationSeconds))
  return {
    ...common(group, first, request),
    kind: first.last ? 'trust' : 'hop-trust',
    name: `crosstrail-${first.last ? 'trust' : 'hop-trust'}-${roleName}`,
    attachment: { type: 'role-trust', roleName, path, ...(longest > 3_600 && { maxSessionSeconds: longest }) },
    document: groupedDocument(statements),
  }
}

function permissionsOf(group: readonly Step[], first: Step, request: SharingRequest): readonly SharingPolicy[] {
  const statements = group.map(({ account, next }) => ({
    label: account.label,
    statements:
      next === undefined
        ? roleNeeds(account, request).map((need) => roleStatement(need, account, request.trail, request.extras))
        : withPodTags(assumeStatement(next, account.sourceIdentity !== undefined), account),
  }))
  const document = groupedDocument(statements)
  if (document.Statement.length === 0) return []
  const { roleName } = roleParts(first)
  const kind = first.last ? 'role' : 'hop'
  return [
    {
      ...common(group, first, request),
      kind,
      name: `crosstrail-${kind}-${roleName}`,
      attachment: { type: 'role-policy', roleName },
      document,
    },
  ]
}

/** The bucket's policy can replace the role's policy only if both belong to one account. */
function roleNeeds(account: SharingAccount, { needsOf, byBucketPolicy, trail }: SharingRequest) {
  const needs = needsOf(account)
  const sameAccount = parseRoleArn(account.role)?.accountId === trail.owner
  return byBucketPolicy && sameAccount ? needs.filter((need) => needPlace(need) !== 'bucket') : needs
}

function common(group: readonly Step[], { link, last }: Step, { trail }: SharingRequest) {
  const inAccount = roleParts({ link }).accountId
  return {
    side: last && inAccount === trail.owner ? ('owner' as const) : ('caller' as const),
    accounts: [...new Set(group.map(({ account }) => account.label))],
    inAccount,
    attachTo: link.role,
  }
}

function roleParts({ link }: Pick<Step, 'link'>) {
  const parts = parseRoleArn(link.role)
  if (parts === undefined) throw new Error(`${link.role} is not the ARN of a role`)
  return parts
}
