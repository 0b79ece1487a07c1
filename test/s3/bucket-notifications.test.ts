import { expect, test } from 'vitest'
import { notificationsOf } from '../../src/s3/bucket-notifications.ts'

const Events = ['s3:ObjectCreated:*' as const]

test('a bucket without a configuration announces nothing', () => {
  expect(notificationsOf({})).toEqual({ queues: [], topics: [], toEventBridge: false })
})

test('reads topics, queues, filters and EventBridge', () => {
  const FilterRules = [
    { Name: 'Prefix' as never, Value: 'AWSLogs/' },
    { Name: 'suffix' as const, Value: '.gz' },
  ]
  expect(
    notificationsOf({
      TopicConfigurations: [{ TopicArn: 'arn:topic', Events, Filter: { Key: { FilterRules } } }],
      QueueConfigurations: [{ QueueArn: 'arn:queue', Events: ['s3:ObjectRemoved:*'] }],
      EventBridgeConfiguration: {},
    }),
  ).toEqual({
    topics: [{ arn: 'arn:topic', announcesPuts: true, prefix: 'AWSLogs/', suffix: '.gz' }],
    queues: [{ arn: 'arn:queue', announcesPuts: false, prefix: '', suffix: '' }],
    toEventBridge: true,
  })
})

test.each([
  ['s3:ObjectCreated:*', true],
  ['s3:ObjectCreated:Put', true],
  ['s3:ObjectCreated:Copy', false],
  ['s3:ObjectRestore:*', false],
] as const)('%s announces what CloudTrail puts: %s', (event, announcesPuts) => {
  const { queues } = notificationsOf({ QueueConfigurations: [{ QueueArn: 'arn:queue', Events: [event] }] })
  expect(queues[0]?.announcesPuts).toBe(announcesPuts)
})
