import {
  accountOfRoot,
  actionPattern,
  grantsOf,
  listCovers,
  listTouches,
  type PolicyGrant,
  principalPattern,
  undemandedKeys,
} from './policy-grant.ts'
import type { PolicyFinding } from './policy-finding.ts'
import { covers, hasWildcard, overlaps, wildcardPattern } from './policy-pattern.ts'
import { filledStatement, variablesOf } from './policy-variables.ts'
import { type ReadStatement, readPolicy } from './read-policy.ts'
import type { SharingPolicy } from './sharing-policy.ts'

/**
 * Returns what the given statements allow beyond `needed`. Some policies serve other purposes too, so only what concerns this sharing is
 * judged: in the caller's own policies the right to assume roles; in a bucket's or key's policy the principals of `needed` and everyone.
 */
export function wideRights(have: readonly ReadStatement[], needed: SharingPolicy): readonly PolicyFinding[] {
  const wanted = readPolicy(JSON.stringify(needed.document)).statements
  // Variables can be filled in only if the policy is for a single caller.
  const [caller = needed.attachTo, ...others] = new Set(wanted.flatMap(({ principals }) => principals?.values ?? []))
  const known = others.length === 0 ? variablesOf(caller) : new Map<string, string>()
  return have
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) => judge(filledStatement(statement, known), wanted, needed))
}

function judge(statement: ReadStatement, wanted: readonly ReadStatement[], needed: SharingPolicy): PolicyFinding[] {
  const turned = turnedElements(statement)
  const messages =
    turned.length > 0
      ? [`${turned.join(' and ')} in an Allow: it allows everything except what is named`]
      : grantsOf(statement)
          .filter((grant) => concerns(grant, wanted, needed))
          .flatMap((grant) => excess(grant, wanted))
  return [...new Set(messages)].map((message) => ({ kind: 'wide', statement: statement.title, message }))
}

function turnedElements({ principals, actions, resources }: ReadStatement): readonly string[] {
  return [
    ...(principals?.allBut === true ? ['NotPrincipal'] : []),
    ...(actions.allBut ? ['NotAction'] : []),
    ...(resources?.allBut === true ? ['NotResource'] : []),
  ]
}

function concerns(grant: PolicyGrant, wanted: readonly ReadStatement[], needed: SharingPolicy): boolean {
  if (needed.kind === 'caller') return ofCaller(grant, wanted)
  const { type } = needed.attachment
  if (!sharedTypes.has(type)) return true
  const { principal = '' } = grant
  // A statement that names the owner's own account only delegates to that account's IAM.
  if (accountOfRoot(principal) === needed.inAccount || isOwnersDefault(grant, needed)) return false
  const ours = wanted.flatMap(({ principals }) => principals?.values ?? [])
  return principal === '*' || ours.some((one) => within(one, principal))
}

/** SNS gives each new topic a statement that allows everyone everything, on the condition that it is the topic's own account. */
function isOwnersDefault({ conditions }: PolicyGrant, { inAccount }: SharingPolicy): boolean {
  return conditions.some(
    ({ operator, key, values }) =>
      operator === 'StringEquals' && key === 'aws:sourceowner' && values.every((value) => value === inAccount),
  )
}

/** The caller may have other queues and keys. All roles that it may assume are judged. */
function ofCaller({ action, resource }: PolicyGrant, wanted: readonly ReadStatement[]): boolean {
  const pattern = actionPattern(action)
  return wanted.some(({ actions, resources }) => {
    const same = actions.values.filter((one) => overlaps(pattern, actionPattern(one)))
    if (same.length === 0 || resource === undefined) return same.length > 0
    if (same.some((one) => one.startsWith('sts:'))) return true
    return resources === undefined || listTouches(resources, wildcardPattern(resource))
  })
}

/** Policies that serve other purposes too. */
const sharedTypes: ReadonlySet<SharingPolicy['attachment']['type']> = new Set([
  'bucket-policy',
  'key-policy',
  'queue-policy',
  'topic-policy',
])

/** Returns what a grant allows too much, or nothing if some wanted statement grants as much. */
function excess(grant: PolicyGrant, wanted: readonly ReadStatement[]): readonly string[] {
  const action = actionPattern(grant.action)
  const sameAction = wanted.filter(({ actions }) => listCovers(actions, action, actionPattern))
  if (sameAction.length === 0) return needlessAction(grant, wanted)
  if (!applies(grant, sameAction)) return []

  const { principal, resource } = grant
  const sameResource = sameAction.filter(
    ({ resources }) => resource === undefined || !resources || listCovers(resources, wildcardPattern(resource)),
  )
  if (sameResource.length === 0) {
    const enough = sameAction.flatMap(({ resources }) => resources?.values ?? [])
    return [`${grant.action} on ${resource}; ${[...new Set(enough)].join(', ')} is enough`]
  }
  if (principal === '*') return [`anyone may use ${grant.action}: the principal is *`]
  const samePrincipal = sameResource.filter(
    ({ principals }) => principal === undefined || principals?.values.some((one) => within(principal, one)) === true,
  )
  if (samePrincipal.length === 0) {
    const enough = sameResource.flatMap(({ principals }) => principals?.values ?? [])
    return [`it trusts ${principal}; ${[...new Set(enough)].join(', ')} is enough`]
  }
  const lacking = samePrincipal.map(({ conditions }) => undemandedKeys(conditions, grant))
  if (lacking.some((keys) => keys.length === 0)) return []
  const [fewest = []] = lacking.toSorted((one, other) => one.length - other.length)
  return [lackingCondition(grant, fewest)]
}

function within(principal: string, one: string): boolean {
  return principal === one || covers(principalPattern(one), principalPattern(principal))
}

/** Reports an unneeded action. For a wildcard, also reports what its needed part allows too much: `s3:List*` without a prefix. */
function needlessAction(grant: PolicyGrant, wanted: readonly ReadStatement[]): readonly string[] {
  const { action } = grant
  const pattern = actionPattern(action)
  if (!hasWildcard(pattern)) return [`${action} is not needed`]
  const needed = wanted.flatMap(({ actions }) => actions.values)
  const enough = [...new Set(needed)].filter((one) => covers(pattern, actionPattern(one)))
  if (enough.length === 0) return [`nothing of ${action} is needed`]
  const besides = enough.flatMap((one) => excess({ ...grant, action: one }, wanted))
  return [`${action} is more than is needed; ${enough.join(', ')} is enough`, ...besides]
}

/** An action on a bucket grants nothing on objects, and the reverse. */
function applies({ resource }: PolicyGrant, wanted: readonly ReadStatement[]): boolean {
  const needed = wanted.flatMap(({ resources }) => resources?.values ?? [])
  if (resource === undefined || !needed.every((each) => each.includes(':s3:::'))) return true
  const forObjects = needed.some((each) => each.includes('/'))
  return forObjects ? resource.includes('/') || hasWildcard(wildcardPattern(resource)) : !resource.includes('/')
}

function lackingCondition({ action }: PolicyGrant, keys: readonly string[]): string {
  return keys.map((key) => reasons[key] ?? `${action} is not limited by ${key}`).join('; ')
}

const reasons: Readonly<Record<string, string>> = {
  's3:prefix': 'the condition on s3:prefix is missing or too wide: the names of other logs can be listed too',
  'sts:externalid':
    'the condition on sts:ExternalId is missing or differs: another customer of the caller could make it use the role (confused deputy)',
  'aws:sourcearn':
    'the condition on aws:SourceArn is missing or too wide: others can make the service send (confused deputy)',
  'aws:sourceaccount':
    'the condition on aws:SourceAccount is missing or differs: a bucket of that name in another account could announce (confused deputy)',
  'aws:multifactorauthpresent': 'MFA is not required with Bool aws:MultiFactorAuthPresent',
}
