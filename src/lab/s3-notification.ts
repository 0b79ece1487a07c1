import type { NotificationRule } from './notification-rule.ts'
import { xmlReply, type Reply } from './reply.ts'
import { s3Namespace } from './s3-buckets.ts'
import { demand, type S3Call } from './s3-call.ts'
import { element, xmlDocument } from './write-xml.ts'

/** `GetBucketNotificationConfiguration`: an empty document if there is none. */
export function bucketNotification(call: S3Call): Reply {
  demand(call, 's3:GetBucketNotification')
  const { rules = [], eventBridge = false } = call.bucket.notifications ?? {}
  const inside = `${rules.map(ruleXml).join('')}${eventBridge ? '<EventBridgeConfiguration/>' : ''}`
  return xmlReply(xmlDocument(`<NotificationConfiguration ${s3Namespace}>${inside}</NotificationConfiguration>`))
}

function ruleXml({ id, to, events = ['s3:ObjectCreated:*'], prefix, suffix }: NotificationRule): string {
  const filters = Object.entries({ Prefix: prefix, Suffix: suffix })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<FilterRule>${element('Name', name)}${element('Value', value)}</FilterRule>`)
  const filter = filters.length === 0 ? '' : `<Filter><S3Key>${filters.join('')}</S3Key></Filter>`
  const place = 'queue' in to ? element('Queue', to.queue) : element('Topic', to.topic)
  const inside = `${element('Id', id)}${place}${events.map((event) => element('Event', event)).join('')}${filter}`
  return 'queue' in to
    ? `<QueueConfiguration>${inside}</QueueConfiguration>`
    : `<TopicConfiguration>${inside}</TopicConfiguration>`
}
