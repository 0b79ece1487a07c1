import type { CrosstrailError } from '../../error.ts'
import { oneOrMore, type PolicyStatement } from '../../identity/policy-document.ts'
import type { RoleLink } from '../../identity/role-chain.ts'
import { assumeStatement, trustStatement } from '../../identity/sharing/statements.ts'
import { arnPartition } from '../../trail/region.ts'
import { otherAccountFixes } from './caller.ts'
import { readDenial } from './denial.ts'
import { accountOfArn, configFix, type DoctorFix, policyFix, wordsFix } from './fix.ts'
import type { Walk } from './walk.ts'

/** At which role of the chain to A's role a refusal came. */
export interface Refused {
  readonly walk: Walk
  readonly link: RoleLink | undefined
  readonly links: readonly RoleLink[]
  /** How many of `links` were assumed. */
  readonly reached: number
  readonly callerArn: string | undefined
}

export function stsFixes(error: CrosstrailError, at: Refused): readonly DoctorFix[] {
  const { walk, link } = at
  const path = `accounts.${walk.account.label}`
  const hint = error.hint ?? error.message
  switch (error.code) {
    case 'access.caller-not-allowed':
      return link === undefined ? [wordsFix('caller', hint)] : [callerFix(link, at, readDenial(error.message).action)]
    case 'access.assume-role-denied':
      return link === undefined ? [wordsFix('machine', hint)] : deniedFixes(error, link, at)
    case 'access.external-id-refused':
      return link === undefined ? [wordsFix('config', hint)] : deniedFixes(error, link, at)
    case 'access.root-credentials':
      return [wordsFix('caller', hint)]
    case 'access.mfa-required':
      return [configFix(`${path}.mfa`, hint)]
    case 'access.duration-too-long':
      return link === undefined ? [wordsFix('config', hint)] : tooLongFixes(link, at)
    case 'access.duration-chained':
      return [configFix(`${path}.duration`, hint, '1h')]
    case 'access.region-disabled':
      return [configFix(`${path}.stsRegion`, hint)]
    case 'access.request-invalid':
      return [configFix(path, hint)]
    case 'access.sts-failed':
      return link === undefined ? [wordsFix('machine', hint)] : failedFixes(error, link, at)
    case 'interrupted':
    default:
      return [wordsFix('machine', hint)]
  }
}

/** STS does not say which side refused. So it returns the statements for both sides. */
function deniedFixes(error: CrosstrailError, link: RoleLink, at: Refused): readonly DoctorFix[] {
  const { cause, action } = readDenial(error.message)
  const beside = action !== undefined && action !== 'sts:AssumeRole'
  const idFixes = at.reached === 0 ? otherAccountFixes(at.walk, at.callerArn?.split(':')[4]) : []
  if (cause === 'identity-missing') return [...idFixes, callerFix(link, at, action)]
  // If the trust policy already names the caller, one of its conditions is not met.
  if (cause === 'resource-missing') {
    const unmet = beside ? [] : [...externalIdFixes(link, at), ...mfaFixes(link, at)]
    return [...idFixes, ...unmet, trustFix(link, at, action)]
  }
  if (cause === 'identity-deny')
    return [wordsFix('caller', `remove the Deny of ${action ?? 'sts:AssumeRole'} on ${link.role}`)]
  if (cause === 'resource-deny') return [wordsFix('owner', `remove the Deny from the trust policy of ${link.role}`)]
  if (cause === 'resource-control') {
    const does = `a resource control policy of the account of ${link.role} denies this: ask the organization's administrators`
    return [wordsFix(sideOf(link.role, at), does)]
  }
  if (cause === 'organization' || cause === 'boundary') {
    const does =
      "a service control policy or a permissions boundary denies this: ask the administrators of the caller's organization"
    return [wordsFix('caller', does)]
  }
  if (cause === 'endpoint') {
    return [wordsFix('caller', `the policy of the VPC endpoint of STS does not allow ${link.role}: extend it`)]
  }
  if (beside) return [...idFixes, trustFix(link, at, action), callerFix(link, at, action)]
  return [
    ...idFixes,
    ...externalIdFixes(link, at),
    ...mfaFixes(link, at),
    trustFix(link, at),
    callerFix(link, at),
    configFix(pathOf(at, 'role'), `check that ${link.role} exists: STS gives the same answer if it does not`),
  ]
}

/** Servers that imitate STS give no reason in cases in which AWS does. */
function failedFixes(error: CrosstrailError, link: RoleLink, at: Refused): readonly DoctorFix[] {
  const hint = error.hint ?? error.message
  if (error.facts['status'] === 404) return [configFix(pathOf(at, 'role'), `check that ${link.role} exists`)]
  if (error.facts['status'] !== 400) return [wordsFix('machine', hint)]
  const narrowed =
    'if the server only imitates STS, it may not know an action of the session policy: try --no-session-policy'
  return [
    wordsFix('machine', `${hint}; ${narrowed}`),
    ...(link.durationSeconds > everyRoleSeconds ? tooLongFixes(link, at) : []),
  ]
}

/** IAM's minimum for MaxSessionDuration of a role. */
const everyRoleSeconds = 3_600

function pathOf({ walk, links, reached }: Refused, field: 'externalId' | 'duration' | 'role'): string {
  const base = `accounts.${walk.account.label}`
  return reached === links.length - 1 ? `${base}.${field}` : `${base}.via[${reached}].${field}`
}

function externalIdFixes(link: RoleLink, at: Refused): readonly DoctorFix[] {
  const path = pathOf(at, 'externalId')
  return link.externalId === undefined
    ? [configFix(path, "set this to the external ID, if the role's trust policy requires one: none was sent")]
    : [configFix(path, "set this to the external ID of the role's trust policy, if that is another")]
}

/** Only the first role takes MFA, and only users have devices. */
function mfaFixes(link: RoleLink, { walk, reached, callerArn = '' }: Refused): readonly DoctorFix[] {
  if (reached > 0 || link.mfaSerial !== undefined || callerArn.includes(':assumed-role/')) return []
  const does = "set this to the ARN of your MFA device, if the role's trust policy requires MFA: none was sent"
  return [configFix(`accounts.${walk.account.label}.mfa`, does)]
}

function trustFix(link: RoleLink, at: Refused, denied?: string): DoctorFix {
  const inAccount = accountOfArn(link.role, at.walk.trail.owner)
  return policyFix(
    { side: sideOf(link.role, at), kind: 'trust', attachTo: link.role, inAccount },
    withAction(trustStatement(link, trustedBy(at), carriesIdentity(at)), denied),
  )
}

function callerFix(link: RoleLink, at: Refused, denied?: string): DoctorFix {
  const { walk, links, reached, callerArn } = at
  const hop = links[reached - 1]
  const attachTo = hop?.role ?? holderOf(callerArn) ?? `the user or role whose keys account ${walk.account.label} uses`
  const inAccount = accountOfArn(attachTo, walk.account.id)
  return policyFix(
    { side: 'caller', kind: hop === undefined ? 'caller' : 'hop', attachTo, inAccount },
    withAction(assumeStatement(link, carriesIdentity(at)), denied),
  )
}

/** Adds the right that AWS names as missing. It may not follow from the config: an EKS pod's session has its own tags. */
function withAction(statement: PolicyStatement, denied: string | undefined): PolicyStatement {
  const actions = [statement.Action].flat()
  return { ...statement, Action: oneOrMore(denied?.startsWith('sts:') === true ? [...actions, denied] : actions) }
}

/** A hop is trusted by its ARN. For the first caller the account is trusted, and its own policies then decide. */
function trustedBy({ walk, links, reached, callerArn }: Refused): string {
  const hop = links[reached - 1]
  if (hop !== undefined) return hop.role
  const partition = arnPartition(walk.account.role) ?? 'aws'
  return `arn:${partition}:iam::${accountOfArn(callerArn ?? '', walk.account.id)}:root`
}

/** STS passes a source identity on with every call of a chain. */
function carriesIdentity({ walk }: Refused): boolean {
  return walk.account.sourceIdentity !== undefined
}

/** Returns the ARN of the user, or of the session's role. A session's ARN does not have the path of its role. */
export function holderOf(callerArn: string | undefined): string | undefined {
  const [, partition, accountId, role] =
    /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(callerArn ?? '') ?? []
  return role === undefined ? callerArn : `arn:${partition}:iam::${accountId}:role/${role}`
}

function tooLongFixes(link: RoleLink, at: Refused): readonly DoctorFix[] {
  const { walk } = at
  const path = pathOf(at, 'duration')
  return [
    configFix(
      path,
      'set this to 1h or remove it: every role allows an hour, and crosstrail refreshes the session during a run',
      '1h',
    ),
    {
      type: 'setting',
      side: sideOf(link.role, at),
      setting: 'MaxSessionDuration',
      attachTo: link.role,
      inAccount: accountOfArn(link.role, walk.trail.owner),
      value: String(link.durationSeconds),
      does: `raise MaxSessionDuration of ${link.role} to ${link.durationSeconds} seconds`,
    },
  ]
}

/** A hop is on the caller's side, unless it is in the account of A's role. */
function sideOf(role: string, { walk }: Refused): 'owner' | 'caller' {
  return accountOfArn(role, walk.trail.owner) === accountOfArn(walk.account.role, walk.trail.owner) ? 'owner' : 'caller'
}
