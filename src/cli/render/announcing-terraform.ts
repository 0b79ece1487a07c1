import type { SharingAttachment, SharingSetting } from '../../identity/sharing/sharing-policy.ts'
import { emptyPolicy } from './merge-commands.ts'
import { hclBlock, hclCall, hclExpression, type HclFields } from './hcl.ts'
import { currentPolicy, keepLines, mergedDocument } from './terraform-merge.ts'

type Of<Type extends SharingAttachment['type']> = Extract<SharingAttachment, { readonly type: Type }>
type Blocks = readonly (readonly string[])[]

export function queueBlocks(
  { url, region }: Of<'queue-policy'>,
  own: string,
  json: unknown,
  provider: HclFields,
): Blocks {
  const variable = `${own}_current_policy`
  const read = `aws sqs get-queue-attributes --region ${region} --queue-url ${url} --attribute-names Policy --query Attributes.Policy --output text`
  const policy = hclExpression(`data.aws_iam_policy_document.${own}.json`)
  return [
    currentPolicy(variable, `${read}; if there is none, ${emptyPolicy}`),
    mergedDocument(own, hclExpression(`var.${variable}`), json, provider),
    hclBlock(['resource', 'aws_sqs_queue_policy', own], { ...provider, queue_url: url, policy }, keepLines),
  ]
}

export function topicBlocks(
  { topicArn, isNew }: Of<'topic-policy'>,
  own: string,
  json: unknown,
  provider: HclFields,
): Blocks {
  const [, , , region = '', , name = ''] = topicArn.split(':')
  if (isNew) return [hclBlock(['resource', 'aws_sns_topic', own], { ...provider, name, policy: json })]
  const variable = `${own}_current_policy`
  const read = `aws sns get-topic-attributes --region ${region} --topic-arn ${topicArn} --query Attributes.Policy --output text`
  const policy = hclExpression(`data.aws_iam_policy_document.${own}.json`)
  return [
    currentPolicy(variable, read),
    mergedDocument(own, hclExpression(`var.${variable}`), json, provider),
    hclBlock(['resource', 'aws_sns_topic_policy', own], { ...provider, arn: topicArn, policy }, keepLines),
  ]
}

/** The blocks of a setting. `before` are the resources that must exist first. */
export function settingBlocks(setting: SharingSetting, own: string, provider: HclFields, before: HclFields): Blocks {
  const { attachment, document } = setting
  switch (attachment.type) {
    case 'topic-subscription':
      return [subscriptionBlock(attachment, own, document, { ...provider, ...before })]
    case 'event-rule':
      return ruleBlocks(attachment.rule, own, document, provider, before)
    case 'trail-topic':
      return [
        [
          `# Add to the aws_cloudtrail resource of ${attachment.trailArn}:`,
          `# sns_topic_name = ${JSON.stringify(document['SnsTopicName'])}`,
        ],
      ]
    case 'bucket-notification':
      return notificationBlocks(attachment.bucket, own, document, { ...provider, ...before })
  }
}

function subscriptionBlock(
  { topicArn, queueArn }: { readonly topicArn: string; readonly queueArn: string },
  own: string,
  { Attributes }: SharingSetting['document'],
  provider: HclFields,
): readonly string[] {
  const { FilterPolicy, FilterPolicyScope } = Attributes as Readonly<Record<string, string | undefined>>
  return hclBlock(['resource', 'aws_sns_topic_subscription', own], {
    ...provider,
    topic_arn: topicArn,
    protocol: 'sqs',
    endpoint: queueArn,
    raw_message_delivery: true,
    ...(FilterPolicy !== undefined && {
      filter_policy_scope: FilterPolicyScope,
      filter_policy: hclCall('jsonencode', JSON.parse(FilterPolicy)),
    }),
  })
}

interface RuleTarget {
  readonly Id: string
  readonly Arn: string
  readonly RoleArn?: string
}

function ruleBlocks(
  name: string,
  own: string,
  { EventPattern, Targets }: SharingSetting['document'],
  provider: HclFields,
  before: HclFields,
): Blocks {
  const rule = { ...provider, name, event_pattern: hclCall('jsonencode', EventPattern) }
  return [
    hclBlock(['resource', 'aws_cloudwatch_event_rule', own], rule),
    ...(Targets as readonly RuleTarget[]).map(({ Id, Arn, RoleArn }) =>
      hclBlock(['resource', 'aws_cloudwatch_event_target', own], {
        ...provider,
        ...before,
        rule: hclExpression(`aws_cloudwatch_event_rule.${own}.name`),
        target_id: Id,
        arn: Arn,
        ...(RoleArn !== undefined && { role_arn: RoleArn }),
      }),
    ),
  ]
}

interface Notification {
  readonly Id: string
  readonly TopicArn?: string
  readonly QueueArn?: string
  readonly Events: readonly string[]
  readonly Filter: { readonly Key: { readonly FilterRules: readonly [{ readonly Value: string }] } }
}

/** The resource replaces all notifications of the bucket, so somebody must say that there are no others. */
function notificationBlocks(
  bucket: string,
  own: string,
  document: SharingSetting['document'],
  provider: HclFields,
): Blocks {
  const {
    TopicConfigurations = [],
    QueueConfigurations = [],
    EventBridgeConfiguration,
  } = document as {
    readonly TopicConfigurations?: readonly Notification[]
    readonly QueueConfigurations?: readonly Notification[]
    readonly EventBridgeConfiguration?: object
  }
  const variable = `${own}_replaces_all_notifications`
  const command = `aws s3api get-bucket-notification-configuration --bucket ${bucket}`
  return [
    hclBlock(['variable', variable], {
      description: `true if ${command} prints nothing: the resource removes all other notifications of the bucket. Otherwise add its blocks to the resource that has the others`,
      type: hclExpression('bool'),
    }),
    hclBlock(
      ['resource', 'aws_s3_bucket_notification', own],
      { ...provider, bucket, ...(EventBridgeConfiguration !== undefined && { eventbridge: true }) },
      [
        ...TopicConfigurations.flatMap((one) => notificationBlock('topic', one)),
        ...QueueConfigurations.flatMap((one) => notificationBlock('queue', one)),
        '',
        '  lifecycle {',
        '    precondition {',
        `      condition = var.${variable}`,
        '      error_message = "this would remove the other notifications of the bucket"',
        '    }',
        '  }',
      ],
    ),
  ]
}

function notificationBlock(kind: 'topic' | 'queue', { Id, TopicArn, QueueArn, Events, Filter }: Notification) {
  const block = hclBlock([kind], {
    id: Id,
    [`${kind}_arn`]: TopicArn ?? QueueArn,
    events: Events,
    filter_prefix: Filter.Key.FilterRules[0].Value,
  })
  return ['', ...block.map((line) => `  ${line}`)]
}
