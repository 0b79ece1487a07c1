import type { CrosstrailError } from '../../error.ts'
import { oneOrMore, type PolicyStatement } from '../../identity/policy-document.ts'
import type { RoleLink } from '../../identity/role-chain.ts'
import { assumeStatement, trustStatement } from '../../identity/sharing/statements.ts'
import { arnPartition } from '../../trail/region.ts'
import { otherAccountFixes } from './caller.ts'
import { readDenial } from './denial.ts'
import { accountOfArn, configFix, type DoctorFix, policyFix, wordsFix } from './fix.ts'
import type { Walk } from './walk.ts'

/** Where on the way to A's role a refusal came. */
export interface Refused {
  readonly walk: Walk
  /** The role that was asked for; undefined before one was. */
  readonly link: RoleLink | undefined
  readonly links: readonly RoleLink[]
  /** How many of `links` were assumed. */
  readonly reached: number
  /** By GetCallerIdentity. */
  readonly callerArn: string | undefined
}

/** Who must change what after a refusal on the way to A's role. */
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

/** STS does not tell which of both sides refused: what each must say is shown, and one that says it already needs nothing. */
function deniedFixes(error: CrosstrailError, link: RoleLink, at: Refused): readonly DoctorFix[] {
  const { cause, action } = readDenial(error.message)
  const beside = action !== undefined && action !== 'sts:AssumeRole'
  const idFixes = at.reached === 0 ? otherAccountFixes(at.walk, at.callerArn?.split(':')[4]) : []
  if (cause === 'identity-missing') return [...idFixes, callerFix(link, at, action)]
  // Where the trust policy names the caller, one of its conditions does not hold.
  if (cause === 'resource-missing') {
    const unmet = beside ? [] : [...externalIdFixes(link, at), ...mfaFixes(link, at)]
    return [...idFixes, ...unmet, trustFix(link, at, action)]
  }
  if (cause === 'identity-deny')
    return [wordsFix('caller', `take the Deny of ${action ?? 'sts:AssumeRole'} on ${link.role} back`)]
  if (cause === 'resource-deny') return [wordsFix('owner', `take the Deny out of the trust policy of ${link.role}`)]
  if (cause === 'resource-control') {
    return [
      wordsFix(sideOf(link.role, at), `ask who keeps the resource control policies of the account of ${link.role}`),
    ]
  }
  if (cause === 'organization' || cause === 'boundary') {
    return [wordsFix('caller', 'ask who keeps the policies of the organization and the permissions boundaries')]
  }
  if (cause === 'endpoint') {
    return [wordsFix('caller', `the policy of the VPC endpoint of STS keeps ${link.role} away: widen it`)]
  }
  if (beside) return [...idFixes, trustFix(link, at, action), callerFix(link, at, action)]
  return [
    ...idFixes,
    ...externalIdFixes(link, at),
    ...mfaFixes(link, at),
    trustFix(link, at),
    callerFix(link, at),
    configFix(pathOf(at, 'role'), `see that ${link.role} exists: STS gives the same answer where it does not`),
  ]
}

/** Stores that imitate STS refuse without a word where AWS has one. */
function failedFixes(error: CrosstrailError, link: RoleLink, at: Refused): readonly DoctorFix[] {
  const hint = error.hint ?? error.message
  if (error.facts['status'] === 404) return [configFix(pathOf(at, 'role'), `see that ${link.role} exists`)]
  if (error.facts['status'] !== 400) return [wordsFix('machine', hint)]
  const narrowed = 'a store that imitates STS may not know an action of the session policy: --no-session-policy'
  return [
    wordsFix('machine', `${hint}; ${narrowed}`),
    ...(link.durationSeconds > everyRoleSeconds ? tooLongFixes(link, at) : []),
  ]
}

/** IAM: the least that MaxSessionDuration of a role can be. */
const everyRoleSeconds = 3_600

/** Where the config has a field of the role that was asked for. */
function pathOf({ walk, links, reached }: Refused, field: 'externalId' | 'duration' | 'role'): string {
  const base = `accounts.${walk.account.label}`
  return reached === links.length - 1 ? `${base}.${field}` : `${base}.via[${reached}].${field}`
}

function externalIdFixes(link: RoleLink, at: Refused): readonly DoctorFix[] {
  const path = pathOf(at, 'externalId')
  return link.externalId === undefined
    ? [configFix(path, 'write the external ID, if the trust policy of the role demands one: none was sent')]
    : [configFix(path, "write the external ID of the role's trust policy, if it is another")]
}

/** MFA goes with the first role alone, and only users have devices. */
function mfaFixes(link: RoleLink, { walk, reached, callerArn = '' }: Refused): readonly DoctorFix[] {
  if (reached > 0 || link.mfaSerial !== undefined || callerArn.includes(':assumed-role/')) return []
  const does = 'write the ARN of your MFA device, if the trust policy of the role demands MFA: none was sent'
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

/** With the right that AWS says was missing, which may be one that the config does not tell of: the tags of an EKS pod's session. */
function withAction(statement: PolicyStatement, denied: string | undefined): PolicyStatement {
  const actions = [statement.Action].flat()
  return { ...statement, Action: oneOrMore(denied?.startsWith('sts:') === true ? [...actions, denied] : actions) }
}

/** A role on the way is trusted by its name; of who calls first, the account, which then decides by policies of its own. */
function trustedBy({ walk, links, reached, callerArn }: Refused): string {
  const hop = links[reached - 1]
  if (hop !== undefined) return hop.role
  const partition = arnPartition(walk.account.role) ?? 'aws'
  return `arn:${partition}:iam::${accountOfArn(callerArn ?? '', walk.account.id)}:root`
}

/** STS hands a source identity on with every call of a chain. */
function carriesIdentity({ walk }: Refused): boolean {
  return walk.account.sourceIdentity !== undefined
}

/** The user, or the role of the session, that an identity is. The path of a role's name is not known of its session. */
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
      'write 1h or leave it out: every role allows an hour, and the session is refreshed for as long as a run takes',
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

/** A role on the way is one of the caller's side, unless it is in the account that owns the bucket. */
function sideOf(role: string, { walk }: Refused): 'owner' | 'caller' {
  return accountOfArn(role, walk.trail.owner) === accountOfArn(walk.account.role, walk.trail.owner) ? 'owner' : 'caller'
}
