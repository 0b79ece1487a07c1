import { type ParseText, wrongValue } from '../../config/text-value.ts'
import { choice, choiceList, flag, grouped, single } from '../option.ts'
import { filePath, s3Url } from '../../config/place-text.ts'
import type { AnnouncingWay } from '../../identity/sharing/announcing.ts'
import type { SettingKind, SharingKind } from '../../identity/sharing/sharing-policy.ts'
import { queueOptions } from './queue.ts'
import { accountId } from './selecting.ts'

export const policyFormats = ['json', 'terraform', 'cloudformation', 'cli'] as const

/** The format of policies. `cli` is a script for the AWS CLI. */
export type PolicyFormat = (typeof policyFormats)[number]

const sharingKinds = [
  'caller',
  'service-trust',
  'hop-trust',
  'hop',
  'trust',
  'role',
  'bucket',
  'key',
  'target-bucket',
  'target-key',
  'topic',
  'topic-key',
  'rule-trust',
  'rule-role',
  'queue-key',
  'queue',
  'subscription',
  'rule',
  'trail-topic',
  'notification',
] as const satisfies readonly (SharingKind | SettingKind)[]

const ways = ['sns', 's3', 'eventbridge', 'cloudtrail'] as const satisfies readonly AnnouncingWay[]

const sides = ['owner', 'caller'] as const

/** Options of other commands that need more rights than those of `allow`. */
const furtherRights = ['buckets', 'restore-tier', 'acl', 'bypass-governance'] as const

export const policyOptions = {
  ...grouped('Which policies', {
    side: choice('side', 'Print the policies of the bucket owner or of the callers. Default: both', sides),
    kind: choiceList('kind', 'Only policies of this kind. Repeatable, or with commas', sharingKinds),
    'in-account': single('id', 'Only policies that are attached in this AWS account', accountId),
    caller: single(
      'arn',
      'The user or role that assumes the role. The trust policy then names it instead of its whole account',
      callerArn,
    ),
  }),
  ...grouped('What they allow', {
    'bucket-policy': flag("Grant access to the logs in the bucket policy instead of the role's policy"),
    'copy-to': single('s3-url', 'Where accounts that may copy write to: s3://bucket/prefix', s3Url()),
    'copy-to-owner': single('id', 'The owner of that bucket, if it is not the account of the role', accountId),
    'log-kms-key': single('arn', 'The KMS key that encrypts the logs', keyArn, { argumentAliases: ['kms-key'] }),
    'copy-kms-key': single('arn', 'The KMS key that encrypts the copies', keyArn),
    'trail-arn': single('arn', "The trail's ARN. The key may then decrypt only logs of that trail", trailArn),
    'without-versions': flag('Leave out the rights that delete --versions and restore need'),
    with: choiceList(
      'option',
      'Also allow what these options need: list --buckets, copy --restore-tier and --acl, delete --bypass-governance',
      furtherRights,
    ),
  }),
  ...grouped('Queue', {
    ...queueOptions,
    'sqs-via': choice(
      'way',
      'How announcements come to the queue: through a topic of SNS, from S3, by a rule of EventBridge, or through the topic of the trail. Default: sns',
      ways,
    ),
    'sns-topic': single(
      'arn',
      'The topic. Default: a new topic crosstrail-new-logs in the account that owns the bucket',
      topicArn,
    ),
    'sqs-kms-key': single('arn', 'The KMS key that encrypts the queue', keyArn),
    'sns-kms-key': single('arn', 'The KMS key that encrypts the topic', keyArn),
  }),
  ...grouped('Output', {
    format: choice(
      'format',
      'The format of the policies; cli is a script for the AWS CLI. With --check, json writes one object per line. Default: json',
      policyFormats,
    ),
    'show-external-ids': flag(
      'Print external IDs. Without this option, json has a placeholder and the other formats have a variable',
    ),
  }),
  ...grouped('Checking', {
    check: single('file', 'Compare the policy in this file with the policy that is needed; - reads stdin', filePath),
  }),
}

function callerArn(text: string, name: string): string {
  return arn(/^arn:aws[\w-]*:iam::\d{12}:(?:user|role)\/[\w+=,.@/-]+$/, 'the ARN of an IAM user or role')(text, name)
}

function keyArn(text: string, name: string): string {
  const expected = 'the ARN of a key, not of an alias: arn:aws:kms:us-east-1:111111111111:key/…'
  return arn(/^arn:aws[\w-]*:kms:[a-z\d-]+:\d{12}:key\/[\w-]+$/, expected)(text, name)
}

function topicArn(text: string, name: string): string {
  const expected = 'the ARN of a topic that is not FIFO: arn:aws:sns:us-east-1:111111111111:name'
  return arn(/^arn:aws[\w-]*:sns:[a-z\d-]+:\d{12}:[\w-]{1,256}$/, expected)(text, name)
}

function trailArn(text: string, name: string): string {
  const expected = 'the ARN of a trail: arn:aws:cloudtrail:us-east-1:111111111111:trail/name'
  return arn(/^arn:aws[\w-]*:cloudtrail:[a-z\d-]+:\d{12}:trail\/[\w.-]+$/, expected)(text, name)
}

function arn(pattern: RegExp, expected: string): ParseText<string> {
  return (text, name) => {
    if (pattern.test(text)) return text
    throw wrongValue(name, text, expected)
  }
}
