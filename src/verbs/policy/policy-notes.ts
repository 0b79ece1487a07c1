import type { Account } from '../../config/config.ts'
import { isOfPodTags } from '../../identity/sharing/statements.ts'
import type { SharingExtras } from '../../identity/sharing/sharing-account.ts'
import type { SharingPolicy } from '../../identity/sharing/sharing-policy.ts'
import type { ExternalIdSlot } from './id-placeholders.ts'

/** What whoever attaches the policies should know, a sentence each. */
export function policyNotes(
  policies: readonly SharingPolicy[],
  externalIds: readonly ExternalIdSlot[],
  request: {
    readonly accounts: readonly Account[]
    readonly extras: SharingExtras
    readonly callerArn: string | undefined
  },
): readonly string[] {
  const copying = request.accounts.filter(({ allow }) => allow.includes('copy')).map(({ label }) => label)
  return [
    ...(externalIds.length > 0
      ? [`external IDs are left out: ${externalIds.map(({ of }) => of).join('; ')} (--show-external-ids prints them)`]
      : []),
    ...(copying.length > 0 && request.extras.target === undefined && policies.some(({ kind }) => kind === 'role')
      ? [`where ${copying.join(', ')} may copy to is not said: --copy-to s3://bucket/prefix`]
      : []),
    ...policies
      .filter(({ kind, document }) => kind.includes('trust') && trustsAccount(document))
      .map(
        ({ attachTo, inAccount }) =>
          `${attachTo} (in ${inAccount}) trusts every principal in that account that its own policies allow; use --caller to restrict it to one`,
      ),
    ...policies
      .filter(({ kind, document }) => kind === 'service-trust' && document.Statement.length > 1)
      .map(({ attachTo }) => `${attachTo}: an ECS task needs AllowService alone, and an EKS pod AllowPods alone`),
    ...(policies.some(({ document }) => document.Statement.some(isOfPodTags))
      ? ['the statements AllowPodTags are for an EKS pod, whose session has tags; an ECS task does not need them']
      : []),
    ...policies
      .filter(({ attachment: { type } }) => type === 'bucket-policy' || type === 'key-policy')
      .map(
        ({ attachTo }) =>
          `${attachTo}: add these statements to the policy that is there, and replace nothing: CloudTrail's right to deliver stands in it`,
      ),
    ...policies
      .filter(({ kind }) => kind === 'bucket')
      .map(
        ({ attachTo }) =>
          `${attachTo} speaks for objects that the bucket's owner owns: object ownership must be BucketOwnerEnforced, or CloudTrail's may be its own`,
      ),
    ...policies.flatMap((policy) => tooLong(policy)),
  ]
}

function trustsAccount(document: SharingPolicy['document']): boolean {
  return document.Statement.some(({ Principal }) => String(Principal?.AWS ?? '').endsWith(':root'))
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, and the quotas of S3 and KMS */
const mostCharacters: Readonly<Record<SharingPolicy['attachment']['type'], number>> = {
  'role-trust': 2_048,
  'role-policy': 10_240,
  'user-policy': 2_048,
  'unnamed-principal': 6_144,
  'bucket-policy': 20_480,
  'key-policy': 32_768,
}

function tooLong({ name, attachment, document }: SharingPolicy): readonly string[] {
  const characters = JSON.stringify(document).length
  const most = mostCharacters[attachment.type]
  return characters <= most
    ? []
    : [`${name} has ${characters} characters, and AWS takes ${most}: let reads be all, or use several roles`]
}
