import { accountsByLabel } from '../../config/account-labels.ts'
import type { Account, Config } from '../../config/config.ts'
import { refuseUnusable } from '../../config/unset-variable.ts'
import { demandDestination } from '../../sinks/bucket/destination.ts'
import { arnPartition } from '../../trail/region.ts'
import { queuesOf, withQueue } from '../with-queue.ts'
import { announcingOf } from './announcing-request.ts'
import type { PolicyOptions } from './options.ts'
import { checkPolicy, policyShape, shapeOf } from '../../identity/sharing/check-policy.ts'
import type { PolicyFinding } from '../../identity/sharing/policy-finding.ts'
import type { Announcing } from '../../identity/sharing/announcing.ts'
import { announcingSettings } from '../../identity/sharing/announcing-settings.ts'
import { readPolicy } from '../../identity/sharing/read-policy.ts'
import type { SharingAccount, SharingExtras } from '../../identity/sharing/sharing-account.ts'
import { sharingPolicies } from '../../identity/sharing/sharing-policies.ts'
import type {
  SettingKind,
  SharingKind,
  SharingPolicy,
  SharingSetting,
  SharingSide,
} from '../../identity/sharing/sharing-policy.ts'
import { CrosstrailError } from '../../error.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { neededRights, type OptionRights } from './needed-rights.ts'
import { type ExternalIdSlot, hiddenExternalId, hiddenExternalIds } from './id-placeholders.ts'
import { policyNotes } from './policy-notes.ts'

interface PolicyRequest {
  readonly accounts: readonly Account[]
  readonly side: SharingSide | undefined
  readonly kinds: readonly (SharingKind | SettingKind)[]
  readonly inAccount: AccountId | undefined
  readonly extras: SharingExtras & { readonly targetOwner?: AccountId | undefined }
  readonly rights: OptionRights
  readonly announcing: Announcing | undefined
  readonly callerArn: string | undefined
  readonly byBucketPolicy: boolean
  readonly showExternalIds: boolean
}

export interface PolicySet {
  /** In the order in which to attach them. */
  readonly policies: readonly SharingPolicy[]
  /** What else makes new logs come to the queues, in the order in which to set it, after the policies. */
  readonly settings: readonly SharingSetting[]
  /** The placeholders for external IDs in the documents. */
  readonly externalIds: readonly ExternalIdSlot[]
  readonly notes: readonly string[]
}

/** Returns the policies that the accounts need. Throws `access.duration-chained`, `usage.…`, `config.unset-variable`. */
export function policiesFor(options: PolicyOptions, config: Config): PolicySet {
  return policies(requestOf(options, config), config)
}

function policies(request: PolicyRequest, config: Config): PolicySet {
  const labels = new Set(request.accounts.map(({ label }) => label))
  const shown = sharingRoles(request.accounts, config)
  const hidden = request.showExternalIds ? { accounts: shown, slots: [] } : hiddenExternalIds(shown)
  const callers = new Map<string, string>()
  for (const { label } of request.accounts) if (request.callerArn !== undefined) callers.set(label, request.callerArn)
  const { extras, rights } = request
  const needsOf = ({ allow }: SharingAccount) => neededRights(allow, rights, extras)
  const sharing = {
    ...request,
    needsOf,
    trail: config.trail,
    accounts: hidden.accounts,
    callers,
    queues: queuesOf(shown),
  }
  const isChosen = ({ side, kind, inAccount, accounts }: SharingPolicy | SharingSetting): boolean =>
    (request.side ?? side) === side &&
    (request.kinds.length === 0 || request.kinds.includes(kind)) &&
    (request.inAccount ?? inAccount) === inAccount &&
    accounts.some((label) => labels.has(label))
  const chosen = sharingPolicies(sharing).filter(isChosen)
  const settings = announcingSettings(sharing).filter(isChosen)
  const text = JSON.stringify(chosen)
  const externalIds = hidden.slots.filter(({ token }) => text.includes(JSON.stringify(token).slice(1, -1)))
  return { policies: chosen, settings, externalIds, notes: policyNotes(chosen, settings, externalIds, request) }
}

export interface PolicyCheck {
  readonly policy: SharingPolicy
  readonly findings: readonly PolicyFinding[]
}

/**
 * Compares an existing policy with the one that is needed. It finds that one by the policy's shape, and by the role's name if the text has it.
 * Throws `usage.not-a-policy`, and `usage.conflict` if several of the requested policies match, or none.
 */
export function checkAgainst(text: string, options: PolicyOptions, config: Config): PolicyCheck {
  const request = requestOf(options, config)
  const have = readPolicy(text)
  const shape = policyShape(have)
  const ofShape = policies({ ...request, showExternalIds: true }, config).policies.filter(
    (policy) => shapeOf(policy) === shape,
  )
  const named = ofShape.filter(({ attachTo }) => attachTo.endsWith(`/${have.roleName}`))
  const candidates = have.roleName === undefined || named.length === 0 ? ofShape : named
  const [policy, other] = candidates
  if (policy === undefined || other !== undefined) throw notOne(shape, candidates)
  const findings = checkPolicy(have, policy)
  return {
    policy,
    findings: request.showExternalIds ? findings : findings.map((finding) => withoutExternalId(finding)),
  }
}

function withoutExternalId(finding: PolicyFinding): PolicyFinding {
  const given = finding.add?.Condition?.['StringEquals']?.['sts:ExternalId']
  if (finding.add === undefined || given === undefined) return finding
  const Condition = { ...finding.add.Condition, StringEquals: { 'sts:ExternalId': hiddenExternalId } }
  return { ...finding, add: { ...finding.add, Condition } }
}

/** A role has one trust policy for all accounts that assume it, so accounts that share a role are included, without their queues. */
function sharingRoles(accounts: readonly Account[], config: Config): readonly Account[] {
  const roles = new Set(accounts.flatMap((account) => rolesOf(account)))
  return config.accounts.flatMap((account) => {
    const asked = accounts.find(({ label }) => label === account.label)
    if (asked !== undefined) return [asked]
    return rolesOf(account).some((role) => roles.has(role)) ? [{ ...account, sqs: undefined }] : []
  })
}

function rolesOf({ role, via }: Account): readonly string[] {
  return [role, ...via.map((hop) => hop.role)]
}

function notOne(shape: string, candidates: readonly SharingPolicy[]): CrosstrailError {
  const names = candidates.map(({ kind, accounts }) => `${kind} of ${accounts.join(', ')}`)
  const message =
    candidates.length === 0
      ? `this is a ${shape} policy, but none of the requested policies is one`
      : `this ${shape} policy may be any of ${candidates.length}: ${names.join('; ')}`
  return new CrosstrailError('usage.conflict', message, { hint: choiceHint(candidates) })
}

function choiceHint(candidates: readonly SharingPolicy[]): string {
  const kinds = [...new Set(candidates.map(({ kind }) => kind))]
  const labels = new Set(candidates.flatMap(({ accounts }) => accounts))
  if (candidates.length === 0)
    return 'omit --side, --kind and --in-account; without --check, crosstrail prints the policies'
  const oneAccount = labels.size > 1 ? ['name one account'] : []
  const oneKind = kinds.length > 1 ? [`pass --kind ${kinds.join(' or --kind ')}`] : []
  return [...oneAccount, ...oneKind].join(', and ') || 'choose one with --side and --in-account'
}

function requestOf(options: PolicyOptions, config: Config): PolicyRequest {
  const { side, kinds = [], inAccount, byBucketPolicy = false, showExternalIds = false, copyTo, copyToOwner } = options
  const named = accountsByLabel(config, options.accounts ?? [])
  named.forEach(refuseUnusable)
  const accounts = withQueue(named, options.sqs)
  const [account, another] = accounts
  const { callerArn, keyArn, targetKeyArn, trailArn, topicArn, sqsKeyArn, topicKeyArn } = options
  if (callerArn !== undefined && account !== undefined) {
    const [, , , , id] = callerArn.split(':')
    if (another !== undefined) throw conflict('--caller needs exactly one account', 'name that account')
    if (id !== account.id) throw conflict(`--caller is in account ${id}, but ${account.label} is ${account.id}`)
    if (['ec2', 'ecs'].includes(account.credentials.type) && !callerArn.includes(':role/')) {
      throw conflict(`--caller is not a role, but ${account.label} calls with the role of its instance or task`)
    }
  }
  if (copyTo === undefined && copyToOwner !== undefined) throw conflict('--copy-to-owner needs --copy-to')
  const arns = [callerArn, keyArn, targetKeyArn, trailArn, topicArn, sqsKeyArn, topicKeyArn].filter(
    (arn) => arn !== undefined,
  )
  const partition = arnPartition(account?.role ?? '')
  const foreign = arns.find((arn) => arnPartition(arn) !== partition)
  if (foreign !== undefined) throw conflict(`${foreign} is not in the partition ${partition ?? 'of the roles'}`)
  return {
    accounts,
    side,
    kinds,
    inAccount,
    rights: { ...noRights, ...options.rights },
    announcing: announcingOf(accounts, options, config),
    callerArn,
    byBucketPolicy,
    showExternalIds,
    extras: {
      target: copyTo === undefined ? undefined : demandDestination(copyTo),
      targetOwner: copyToOwner,
      keyArn,
      targetKeyArn,
      trailArn,
    },
  }
}

const noRights: OptionRights = { versions: false, bypassGovernance: false, thaw: false, acl: false, buckets: false }

function conflict(message: string, hint?: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', message, { hint })
}
