import type { AccountId } from '../../trail/account-id.ts'
import { parseRoleArn } from '../../trail/arn.ts'
import type { PolicyStatement } from '../policy-document.ts'
import { type NeedPlace, needPlace } from './need-place.ts'
import { groupedDocument } from './grouped-statements.ts'
import type { SharingAccount } from './sharing-account.ts'
import type { SharingRequest } from './sharing-request.ts'
import type { SharingAttachment, SharingKind, SharingPolicy } from './sharing-policy.ts'
import { bucketStatement, keyStatement } from './statements.ts'

/**
 * Returns the statements that buckets and keys need in their own policies. A bucket needs them if the role belongs to another account. A
 * key always needs them, because its policy may not delegate to IAM. Add them to the existing policy, which lets CloudTrail deliver.
 */
export function resourcePolicies(request: SharingRequest): readonly SharingPolicy[] {
  const { trail, extras, byBucketPolicy } = request
  const foreign = (owner: AccountId) => (account: SharingAccount) => roleAccount(account) !== owner
  const targetOwner = extras.targetOwner
  return [
    ...resourcePolicy('bucket', request, trail.owner, { type: 'bucket-policy', bucket: trail.bucket }, (account) =>
      byBucketPolicy ? true : foreign(trail.owner)(account),
    ),
    ...keyPolicy('key', request, extras.keyArn),
    ...(extras.target === undefined || targetOwner === undefined
      ? []
      : resourcePolicy(
          'target-bucket',
          request,
          targetOwner,
          { type: 'bucket-policy', bucket: extras.target.bucket },
          foreign(targetOwner),
        )),
    ...keyPolicy('target-key', request, extras.targetKeyArn),
  ]
}

type Place = Exclude<NeedPlace, 'nowhere'>

function keyPolicy(place: Place & SharingKind, request: SharingRequest, keyArn: string | undefined) {
  const owner = keyArn?.split(':')[4]
  if (keyArn === undefined || owner === undefined) return []
  return resourcePolicy(place, request, owner as AccountId, { type: 'key-policy', keyArn }, () => true)
}

function resourcePolicy(
  place: Place & SharingKind,
  request: SharingRequest,
  inAccount: AccountId,
  attachment: Extract<SharingAttachment, { type: 'bucket-policy' | 'key-policy' }>,
  concerns: (account: SharingAccount) => boolean,
): readonly SharingPolicy[] {
  const groups = request.accounts
    .filter(concerns)
    .map((account) => ({ label: account.label, statements: statementsOf(place, account, request) }))
    .filter(({ statements }) => statements.length > 0)
  if (groups.length === 0) return []
  return [
    {
      side: 'owner',
      kind: place,
      accounts: groups.map(({ label }) => label),
      inAccount,
      attachTo: attachment.type === 'key-policy' ? attachment.keyArn : `the policy of bucket ${attachment.bucket}`,
      attachment,
      name: `crosstrail-${place}`,
      // They are added beside the statements of other accounts and replace those with the same Sid, so Sids carry the label.
      document: groupedDocument(groups, true),
    },
  ]
}

function statementsOf(place: Place, account: SharingAccount, request: SharingRequest): readonly PolicyStatement[] {
  const { trail, extras } = request
  return request
    .needsOf(account)
    .filter((need) => needPlace(need) === place)
    .map((need) =>
      need === 'decrypt' || need === 'encryptCopies'
        ? keyStatement(account, trail, account.role, extras, need)
        : bucketStatement(need, account, trail, account.role, extras),
    )
}

function roleAccount({ role }: SharingAccount): AccountId | undefined {
  return parseRoleArn(role)?.accountId
}
