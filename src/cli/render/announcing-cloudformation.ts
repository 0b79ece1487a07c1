import type { SharingAttachment, SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'

interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly DependsOn?: readonly string[]
}

type Resources = Readonly<Record<string, Resource>>

/** Whether a template could only replace the policy, so that its statements are added by hand. */
export function isAddedByHand({ attachment }: Pick<SharingPolicy, 'attachment'>): boolean {
  switch (attachment.type) {
    case 'bucket-policy':
    case 'key-policy':
    case 'queue-policy':
      return true
    case 'topic-policy':
      return !attachment.isNew
    case 'role-trust':
    case 'role-policy':
    case 'user-policy':
    case 'unnamed-principal':
      return false
  }
}

/** Whether a template cannot make the setting, because it belongs to a bucket or trail that exists. */
export function isMadeByHand({ attachment }: Pick<SharingSetting, 'attachment'>): boolean {
  return attachment.type === 'bucket-notification' || attachment.type === 'trail-topic'
}

/** A new topic with its policy. */
export function topicResources(
  { topicArn }: Extract<SharingAttachment, { readonly type: 'topic-policy' }>,
  id: string,
  document: SharingPolicy['document'],
): Resources {
  const policy = { Topics: [{ Ref: id }], PolicyDocument: document }
  return {
    [id]: { Type: 'AWS::SNS::Topic', Properties: { TopicName: topicArn.split(':')[5] } },
    [`${id}Policy`]: { Type: 'AWS::SNS::TopicPolicy', Properties: policy },
  }
}

/** The resources of a setting. `before` are the resources that must exist first. */
export function settingResources(
  { attachment, document }: SharingSetting,
  id: string,
  before: readonly string[],
): Resources {
  const depends = before.length > 0 ? { DependsOn: before } : {}
  switch (attachment.type) {
    case 'topic-subscription': {
      const { TopicArn, Protocol, Endpoint, Attributes } = document
      const { FilterPolicy, FilterPolicyScope } = Attributes as Readonly<Record<string, string | undefined>>
      const filter =
        FilterPolicy === undefined
          ? {}
          : { FilterPolicyScope, FilterPolicy: JSON.parse(FilterPolicy) as Readonly<Record<string, unknown>> }
      // Without its region, CloudFormation looks for the topic in the region of the stack.
      const Region = attachment.topicArn.split(':')[3]
      const Properties = { TopicArn, Protocol, Endpoint, Region, RawMessageDelivery: true, ...filter }
      return { [id]: { Type: 'AWS::SNS::Subscription', Properties, ...depends } }
    }
    case 'event-rule': {
      const { Name, EventPattern, Targets } = document
      return { [id]: { Type: 'AWS::Events::Rule', Properties: { Name, EventPattern, Targets }, ...depends } }
    }
    case 'trail-topic':
    case 'bucket-notification':
      return {}
  }
}
