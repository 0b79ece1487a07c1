import type { SharingAttachment, SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { emptyPolicy, mergeCommand, mergeCommands } from './merge-commands.ts'

type Of<Type extends SharingAttachment['type']> = Extract<SharingAttachment, { readonly type: Type }>

/** Adds statements to the policy of a queue. SQS answers nothing, or `None`, if the queue has no policy. */
export function queuePolicyCommands(
  { url, region }: Of<'queue-policy'>,
  document: SharingPolicy['document'],
): readonly string[] {
  const queue = `--region ${region} --queue-url ${shellWord(url)}`
  const read = `aws sqs get-queue-attributes ${queue} --attribute-names Policy --query Attributes.Policy --output text`
  return [
    `current=$(${read})`,
    `if [ -z "$current" ] || [ "$current" = None ]; then current='${emptyPolicy}'; fi`,
    mergeCommand(document.Statement),
    `attributes=$(jq -cn --arg policy "$merged" '{Policy: $policy}')`,
    `aws sqs set-queue-attributes ${queue} --attributes "$attributes"`,
  ]
}

/** Adds statements to the policy of a topic. Creates a new topic first: that call changes nothing if the topic exists. */
export function topicPolicyCommands(
  { topicArn, isNew }: Of<'topic-policy'>,
  document: SharingPolicy['document'],
): readonly string[] {
  const [, , , region = '', , name = ''] = topicArn.split(':')
  const topic = `--region ${region} --topic-arn ${topicArn}`
  return [
    ...(isNew ? [`aws sns create-topic --region ${region} --name ${name}`] : []),
    ...mergeCommands(
      {
        get: `aws sns get-topic-attributes ${topic} --query Attributes.Policy --output text`,
        put: [`aws sns set-topic-attributes ${topic} --attribute-name Policy --attribute-value "$merged"`],
      },
      document,
    ),
  ]
}

/** The commands that make a setting. They can be run again. */
export function settingCommands({ attachment, document, inAccount }: SharingSetting): readonly string[] {
  switch (attachment.type) {
    case 'topic-subscription':
      return subscriptionCommands(attachment.topicArn, attachment.queueArn, document)
    case 'event-rule':
      return ruleCommands(attachment.rule, attachment.region, document)
    case 'trail-topic': {
      const [, , , region = ''] = attachment.trailArn.split(':')
      const topic = `--sns-topic-name ${shellWord(String(document['SnsTopicName']))}`
      return [`aws cloudtrail update-trail --region ${region} --name ${shellWord(attachment.trailArn)} ${topic}`]
    }
    case 'bucket-notification':
      return notificationCommands(attachment.bucket, inAccount, document)
  }
}

/** Subscribing again returns the existing subscription, and its attributes are set one by one. */
function subscriptionCommands(
  topicArn: string,
  queueArn: string,
  document: SharingSetting['document'],
): readonly string[] {
  const [, , , region = ''] = topicArn.split(':')
  const subscribe = `aws sns subscribe --region ${region} --topic-arn ${topicArn} --protocol sqs --notification-endpoint ${queueArn}`
  const attributes = Object.entries(document['Attributes'] as Readonly<Record<string, string>>)
  return [
    `subscription=$(${subscribe} --return-subscription-arn --query SubscriptionArn --output text)`,
    ...attributes.map(
      ([name, value]) =>
        `aws sns set-subscription-attributes --region ${region} --subscription-arn "$subscription" --attribute-name ${name} --attribute-value ${shellWord(value)}`,
    ),
  ]
}

function ruleCommands(rule: string, region: string, document: SharingSetting['document']): readonly string[] {
  const pattern = shellWord(JSON.stringify(document['EventPattern']))
  const targets = shellWord(JSON.stringify(document['Targets']))
  const put = `aws events put-targets --region ${region} --rule ${shellWord(rule)} --targets ${targets}`
  return [
    `aws events put-rule --region ${region} --name ${shellWord(rule)} --event-pattern ${pattern}`,
    `failed=$(${put} --query FailedEntryCount --output text)`,
    'if [ "$failed" != 0 ]; then',
    `  echo ${shellWord(`EventBridge refused the target of rule ${rule}`)} >&2`,
    '  exit 1',
    'fi',
  ]
}

/** The call replaces all notifications, so the existing ones are kept, except those with the same Id. */
function notificationCommands(bucket: string, owner: string, document: SharingSetting['document']): readonly string[] {
  const of = `--bucket ${shellWord(bucket)} --expected-bucket-owner ${owner}`
  const merge =
    'reduce ($ours | keys_unsorted[]) as $kind (.; if $kind == "EventBridgeConfiguration" then .[$kind] = {} else .[$kind] = [.[$kind][]? | select(.Id as $id | $ours[$kind] | map(.Id) | index([$id]) | not)] + $ours[$kind] end)'
  return [
    `current=$(aws s3api get-bucket-notification-configuration ${of} --output json)`,
    `if [ -z "$current" ]; then current='{}'; fi`,
    `merged=$(printf '%s' "$current" | jq -c --argjson ours ${shellWord(JSON.stringify(document))} ${shellWord(merge)})`,
    `aws s3api put-bucket-notification-configuration ${of} --notification-configuration "$merged"`,
  ]
}
