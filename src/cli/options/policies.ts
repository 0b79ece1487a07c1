import { type ParseText, wrongValue } from '../../config/text-value.ts'
import { choice, choiceList, flag, grouped, single } from '../option.ts'
import { filePath, s3Url } from '../../config/place-text.ts'
import type { SharingKind } from '../../identity/sharing/sharing-policy.ts'
import { accountId } from './selecting.ts'

export const policyFormats = ['json', 'terraform', 'cloudformation', 'cli'] as const

/** How policies are written. `cli` is a script for the AWS CLI. */
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
] as const satisfies readonly SharingKind[]

const sides = ['owner', 'caller'] as const

/** Options of other commands that need more than `allow` gives by itself. */
const furtherRights = ['buckets', 'restore-tier', 'acl', 'bypass-governance'] as const

export const policyOptions = {
  ...grouped('Which policies', {
    side: choice('side', 'Of the account that owns the bucket, or of those that call. Default: both', sides),
    kind: choiceList('kind', 'Only policies of this kind. Repeatable, or with commas', sharingKinds),
    'in-account': single('id', 'Only what is attached in this AWS account', accountId),
    caller: single(
      'arn',
      'The user or role that the account calls with: trusted alone, where else its whole account would be',
      callerArn,
    ),
  }),
  ...grouped('What they allow', {
    'bucket-policy': flag("Give the rights on the logs by the bucket's policy, in place of the role's"),
    'copy-to': single('s3-url', 'Where accounts that may copy do so: s3://bucket/prefix', s3Url()),
    'copy-to-owner': single('id', 'Whose that bucket is, where it is of another account than the role', accountId),
    'log-kms-key': single('arn', 'The KMS key that encrypts the logs', keyArn, { argumentAliases: ['kms-key'] }),
    'copy-kms-key': single('arn', 'The KMS key that is to encrypt the copies', keyArn),
    'trail-arn': single(
      'arn',
      "The trail's ARN: the key then decrypts what that trail delivered, and nothing else",
      trailArn,
    ),
    'without-versions': flag('Leave out what delete --versions and restore need'),
    with: choiceList(
      'option',
      'Allow what these options need: list --buckets, copy --restore-tier and --acl, delete --bypass-governance',
      furtherRights,
    ),
  }),
  ...grouped('Output', {
    format: choice(
      'format',
      'How policies are written; cli is a script for the AWS CLI. Of --check: json, an object a line. Default: json',
      policyFormats,
    ),
    'show-external-ids': flag(
      'Write external IDs out. Without it json has a placeholder, and the other formats a variable',
    ),
  }),
  ...grouped('Checking', {
    check: single('file', 'Compare the policy in this file with the one that is needed; - is stdin', filePath),
  }),
}

function callerArn(text: string, name: string): string {
  return arn(/^arn:aws[\w-]*:iam::\d{12}:(?:user|role)\/[\w+=,.@/-]+$/, 'the ARN of an IAM user or role')(text, name)
}

function keyArn(text: string, name: string): string {
  const expected = 'the ARN of a key, which an alias is not: arn:aws:kms:us-east-1:111111111111:key/…'
  return arn(/^arn:aws[\w-]*:kms:[a-z\d-]+:\d{12}:key\/[\w-]+$/, expected)(text, name)
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
