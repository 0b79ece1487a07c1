import { keyStatement, roleStatement, bucketStatement } from '../../identity/sharing/statements.ts'
import type { PolicyStatement } from '../../identity/policy-document.ts'
import { needPlace } from '../../identity/sharing/need-place.ts'
import { needsOf, type SharingNeed } from '../../identity/sharing/need-statements.ts'
import type { SharingExtras, SharingTrail } from '../../identity/sharing/sharing-account.ts'
import { isKmsDenial } from '../../s3/service-error.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { arnPartition } from '../../trail/region.ts'
import { type Denial, readDenial } from './denial.ts'
import { accountOfArn, type DoctorFix, policyFix, wordsFix } from './fix.ts'
import type { Walk } from './walk.ts'

export interface Needed {
  readonly need: SharingNeed
  readonly place: Pick<SharingTrail, 'bucket' | 'owner'>
  readonly extras?: SharingExtras
  /** False for a further need. S3's message is then about another need. */
  readonly wasRefused?: boolean
}

/** Returns what to change after S3 refused: A's role, the bucket policy if the role is in another account, the KMS key. */
export function s3Fixes(
  message: string,
  { need, place, extras = {}, wasRefused = true }: Needed,
  walk: Walk,
): readonly DoctorFix[] {
  const { account, trail } = walk
  const denial = readDenial(message)
  const denied = deniedFixes(denial, account.role, trail.owner)
  if (denied !== undefined) return denied
  if (isKmsDenial(message)) return kmsFixes(denial, need, extras, walk)
  const roleAccount = accountOfArn(account.role, trail.owner)
  const action = wasRefused ? denial.action : undefined
  const about = neededFor(action, need)
  const role = policyFix(
    { side: 'owner', kind: 'role', attachTo: account.role, inAccount: roleAccount },
    saying(action, roleStatement(about, account, trail, extras)),
  )
  const bucket = policyFix(
    { side: 'owner', kind: 'bucket', attachTo: bucketArn(place.bucket, account.role), inAccount: place.owner },
    saying(action, bucketStatement(about, account, trail, account.role, extras)),
  )
  if (denial.cause === 'identity-missing') return [role]
  if (denial.cause === 'resource-missing') return [bucket]
  return roleAccount === place.owner ? [role] : [role, bucket]
}

/** If AWS names an action, the need that has it. It is a need of the same bucket as `need`. */
function neededFor(action: string | undefined, need: SharingNeed): SharingNeed {
  const needs = action === undefined ? [need] : needsOf(action)
  if (needs.includes(need)) return need
  return needs.find((one) => needPlace(one) === needPlace(need)) ?? need
}

/** Returns the statement. If it lacks the action that AWS names, that action replaces its own. */
function saying(action: string | undefined, statement: PolicyStatement): PolicyStatement {
  const isKnown = action?.startsWith('s3:') !== true || [statement.Action].flat().includes(action)
  return isKnown ? statement : { ...statement, Action: action }
}

export function keyArnIn(message: string): string | undefined {
  return /arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+/.exec(message)?.[0]
}

/** If the key's policy does not delegate to its account, the role and the key must both allow the action. So it returns both. */
function kmsFixes(denial: Denial, need: SharingNeed, given: SharingExtras, walk: Walk): readonly DoctorFix[] {
  const { account, trail } = walk
  const writes = need === 'store' || need === 'encryptCopies'
  const keyArn = keyArnIn(denial.resource ?? '') ?? (writes ? given.targetKeyArn : given.keyArn)
  const extras = writes ? { ...given, targetKeyArn: keyArn } : { ...given, keyArn }
  const keyNeed = writes ? 'encryptCopies' : 'decrypt'
  const role = policyFix(
    { side: 'owner', kind: 'role', attachTo: account.role, inAccount: accountOfArn(account.role, trail.owner) },
    roleStatement(keyNeed, account, trail, extras),
  )
  const key = policyFix(
    {
      side: 'owner',
      kind: 'key',
      attachTo: keyArn ?? 'the KMS key of the object: see its properties in the console, or HeadObject',
      inAccount: accountOfArn(keyArn ?? '', trail.owner),
    },
    keyStatement(account, trail, account.role, extras, keyNeed),
  )
  if (denial.cause === 'resource-missing') return [key]
  const sameAccount =
    keyArn !== undefined && accountOfArn(keyArn, trail.owner) === accountOfArn(account.role, trail.owner)
  return denial.cause === 'identity-missing' && sameAccount ? [role] : [role, key]
}

/** The fixes for an explicit deny, or for a policy that limits: adding a statement would not help. */
function deniedFixes(
  { cause, action, resource }: Denial,
  role: string,
  owner: AccountId,
): readonly DoctorFix[] | undefined {
  const what = `${action ?? 'this action'}${resource === undefined ? '' : ` on ${resource}`}`
  switch (cause) {
    case 'identity-deny':
      return [wordsFix('owner', `remove the Deny of ${what} from the policies of ${role}`)]
    case 'resource-deny':
      return [
        wordsFix(
          'owner',
          `remove the Deny of ${what} from the policy of the bucket or key, or make an exception for ${role}`,
        ),
      ]
    case 'organization':
      return [
        wordsFix(
          accountOfArn(role, owner) === owner ? 'owner' : 'caller',
          `a service control policy of the role's account denies ${what} to ${role}: ask the organization's administrators`,
        ),
      ]
    case 'resource-control':
      return [
        wordsFix(
          'owner',
          `a resource control policy of ${owner} denies ${what} to ${role}: ask the organization's administrators`,
        ),
      ]
    case 'boundary':
      return [wordsFix('owner', `the permissions boundary of ${role} does not allow ${what}: extend it`)]
    case 'endpoint':
      return [
        wordsFix('caller', `the policy of a VPC endpoint between you and AWS denies ${what} to ${role}: extend it`),
      ]
    case 'session-missing':
      return [
        wordsFix('machine', `the session policy does not allow ${what}: use --no-session-policy, and report this`),
      ]
    case 'identity-missing':
    case 'resource-missing':
    case 'unsaid':
      return undefined
  }
}

function bucketArn(bucket: string, role: string): string {
  return `arn:${arnPartition(role) ?? 'aws'}:s3:::${bucket}`
}
