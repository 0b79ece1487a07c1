import type { Account } from '../../config/config.ts'
import { isOfPodTags } from '../../identity/sharing/statements.ts'
import type { SharingExtras } from '../../identity/sharing/sharing-account.ts'
import type { SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'
import type { ExternalIdSlot } from './id-placeholders.ts'

/** Returns notes for the person who attaches the policies, one sentence each. */
export function policyNotes(
  policies: readonly SharingPolicy[],
  settings: readonly SharingSetting[],
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
      ? [`the target for copies by ${copying.join(', ')} is not known: pass --copy-to s3://bucket/prefix`]
      : []),
    ...policies
      .filter(({ kind, document }) => kind.includes('trust') && trustsAccount(document))
      .map(
        ({ attachTo, inAccount }) =>
          `${attachTo} (in ${inAccount}) trusts every principal in that account that its own policies allow; use --caller to restrict it to one`,
      ),
    ...policies
      .filter(({ kind, document }) => kind === 'service-trust' && document.Statement.length > 1)
      .map(({ attachTo }) => `${attachTo}: an ECS task needs only AllowService, and an EKS pod needs only AllowPods`),
    ...(policies.some(({ document }) => document.Statement.some(isOfPodTags))
      ? ['the AllowPodTags statements are for an EKS pod, whose session has tags; an ECS task does not need them']
      : []),
    ...policies
      .filter(
        ({ kind, attachment: { type } }) => type === 'bucket-policy' || (type === 'key-policy' && !isOfQueue(kind)),
      )
      .map(
        ({ attachTo }) =>
          `${attachTo}: add these statements to the existing policy; do not replace it, because it holds CloudTrail's right to deliver`,
      ),
    ...policies
      .filter(({ kind }) => kind === 'bucket')
      .map(
        ({ attachTo }) =>
          `${attachTo}: this policy applies only to objects that the bucket's owner owns; set object ownership to BucketOwnerEnforced, or CloudTrail may own its logs`,
      ),
    ...queueNotes(policies, settings),
    ...policies.flatMap((policy) => tooLong(policy)),
  ]
}

/** Whether a policy concerns the way of announcements, not the logs. */
function isOfQueue(kind: SharingPolicy['kind']): boolean {
  return /^(?:queue|topic|rule)/.test(kind)
}

function queueNotes(policies: readonly SharingPolicy[], settings: readonly SharingSetting[]): readonly string[] {
  return [
    ...policies
      .filter(({ kind, attachment: { type } }) => isOfQueue(kind) && type !== 'role-trust' && type !== 'role-policy')
      .map(({ attachTo }) => `${attachTo}: add these statements to the existing policy, if there is one`),
    ...(policies.some(({ kind, attachment }) => isOfQueue(kind) && attachment.type === 'key-policy')
      ? [
          "a queue or topic that is encrypted with an AWS managed key (alias/aws/…) gets no announcements, because that key's policy cannot change",
        ]
      : []),
    ...settings
      .filter(({ kind }) => kind === 'notification')
      .map(
        ({ attachTo }) =>
          `${attachTo}: add this to the existing configuration; do not replace it, because the call replaces all of it`,
      ),
    ...settings
      .filter(({ kind }) => kind === 'subscription')
      .map(
        ({ attachTo, inAccount }) =>
          `${attachTo}: make the subscription with keys of ${inAccount}, the owner of the queue; then SNS asks for no confirmation`,
      ),
  ]
}

function trustsAccount(document: SharingPolicy['document']): boolean {
  return document.Statement.some(({ Principal }) => String(Principal?.AWS ?? '').endsWith(':root'))
}

/** From https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, and the quotas of S3, KMS, SQS and SNS. */
const mostCharacters: Readonly<Record<SharingPolicy['attachment']['type'], number>> = {
  'role-trust': 2_048,
  'role-policy': 10_240,
  'user-policy': 2_048,
  'unnamed-principal': 6_144,
  'bucket-policy': 20_480,
  'key-policy': 32_768,
  'queue-policy': 8_192,
  'topic-policy': 30_720,
}

function tooLong({ name, attachment, document }: SharingPolicy): readonly string[] {
  const characters = JSON.stringify(document).length
  const most = mostCharacters[attachment.type]
  return characters <= most
    ? []
    : [`${name} has ${characters} characters, but AWS allows ${most}: set reads to all, or use several roles`]
}
