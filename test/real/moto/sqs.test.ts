import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { queueAddress } from '../../../src/queue/address.ts'
import { readAnnouncement } from '../../../src/queue/announced.ts'
import type { QueueClient } from '../../../src/queue/queue-client.ts'
import { openQueue } from '../../../src/queue/sqs.ts'
import { fixedKeys } from '../../queue/queue-world.ts'
import { describeWithMoto, type MotoServer, startMoto } from './moto-server.ts'

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any' }
const region = 'us-east-1'
const bucket = 'example-cloudtrail-logs'
const keys = ['AWSLogs/1/a.json.gz', 'with space/a+b%20c', 'ü/日本/=&?#', '*-._~!()']
const all = { max: 10, visibilitySeconds: 60, waitSeconds: 1 }

describeWithMoto('a queue of moto', () => {
  let moto: MotoServer
  let s3: S3Client
  let sqs: SQSClient
  const opened: QueueClient[] = []
  beforeAll(async () => {
    moto = await startMoto()
    s3 = new S3Client({ endpoint: moto.endpoint, region, credentials, forcePathStyle: true })
    sqs = new SQSClient({ endpoint: moto.endpoint, region, credentials })
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  })
  afterAll(async () => {
    for (const client of opened) client.close()
    await moto.stop()
  })

  async function newQueue(name: string) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
    const client = openQueue(queueAddress(QueueUrl, region), fixedKeys(credentials), { caller: 'account Z', env: {} })
    opened.push(client)
    return { client, arn: (await client.attributes()).arn }
  }

  async function announced(client: QueueClient, count: number) {
    const read: ReturnType<typeof readAnnouncement>[] = []
    while (read.length < count) {
      const messages = await client.receive(all, new AbortController().signal)
      if (messages.length === 0) break
      read.push(...messages.map(({ body }) => readAnnouncement(body)))
      expect(await client.delete(messages.map(({ receipt }) => receipt))).toEqual(new Map())
    }
    return read
  }

  it('receives the events of S3, reads each key as it was put, and empties the queue', async () => {
    const { client, arn } = await newQueue('events')
    const QueueConfigurations = [{ QueueArn: arn, Events: ['s3:ObjectCreated:*' as const] }]
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: { QueueConfigurations },
      }),
    )
    for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }))
    const read = await announced(client, keys.length + 1)
    const objects = read.flatMap((one) => (one.type === 'logs' ? one.objects : []))
    expect(objects).toEqual(keys.map((key) => ({ bucket, key })))
    expect(read.filter(({ type }) => type !== 'logs')).toEqual([{ type: 'test', shape: 's3' }])
    expect(await client.attributes()).toMatchObject({ visible: 0, inFlight: 0 })
  })

  it('gives messages back, and names a receipt that is not accepted', async () => {
    const { client, arn } = await newQueue('given-back')
    const QueueConfigurations = [{ QueueArn: arn, Events: ['s3:ObjectCreated:*' as const] }]
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: { QueueConfigurations },
      }),
    )
    const { signal } = new AbortController()
    const [first] = await client.receive(all, signal)
    expect(first).toMatchObject({ receives: 1, sentAtMs: expect.any(Number) })
    expect(await client.receive({ ...all, waitSeconds: 0 }, signal)).toEqual([])
    expect(await client.extend([first?.receipt ?? ''], 0)).toEqual(new Map())
    const [second] = await client.receive(all, signal)
    expect(second).toMatchObject({ id: first?.id, receives: 2 })
    const failures = await client.extend(['foreign', second?.receipt ?? ''], 600)
    expect([...failures].map(([receipt, { code }]) => [receipt, code])).toEqual([['foreign', 'queue.receipt-expired']])
  })

  it('finds no queue that does not exist', async () => {
    const { client } = await newQueue('there')
    const missing = queueAddress(`${moto.endpoint}/123456789012/not-there`, region)
    const other = openQueue(missing, fixedKeys(credentials), { caller: 'account Z', env: {} })
    opened.push(other)
    await expect(other.attributes()).rejects.toMatchObject({ code: 'queue.not-found' })
    await expect(other.receive(all, new AbortController().signal)).rejects.toMatchObject({ code: 'queue.not-found' })
    expect(await client.attributes()).toMatchObject({ visible: 0 })
  })
})
