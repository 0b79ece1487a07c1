import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketRequestPaymentCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labRoles } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { assume, refusal, s3As } from './lab-clients.ts'

let lab: Lab
const aheadMs = 3_600_000
beforeAll(async () => {
  lab = await startLab()
  lab.addBucket({
    name: 'paid',
    owner: labAccounts.A,
    region: 'us-east-1',
    requesterPays: true,
    ownership: 'ObjectWriter',
  })
})
afterAll(() => lab.stop())

test('a bucket reports its ownership and its payer, also to callers who do not pay', async () => {
  const s3 = s3As(lab, lab.principals.admin)
  const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket: 'paid' }))
  expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'ObjectWriter' }])
  expect((await s3.send(new GetBucketRequestPaymentCommand({ Bucket: 'paid' }))).Payer).toBe('Requester')
  expect(await refusal(s3.send(new ListObjectsV2Command({ Bucket: 'paid' })))).toMatchObject({ status: 403 })
  expect((await s3.send(new GetBucketRequestPaymentCommand({ Bucket: labBucket }))).Payer).toBe('BucketOwner')
})

test.each([
  ['s3:GetBucketOwnershipControls', new GetBucketOwnershipControlsCommand({ Bucket: labBucket })],
  ['s3:GetBucketRequestPayment', new GetBucketRequestPaymentCommand({ Bucket: labBucket })],
  ['s3:GetBucketNotification', new GetBucketNotificationConfigurationCommand({ Bucket: labBucket })],
])('requires %s', async (action, command) => {
  const s3 = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B }))
  const answer = await refusal((s3.send as (command: unknown) => Promise<unknown>).call(s3, command))
  expect(answer).toMatchObject({ status: 403, message: expect.stringContaining(action) })
})

test('a bucket reports its notifications, and an empty configuration without any', async () => {
  const s3 = s3As(lab, lab.principals.admin)
  const command = new GetBucketNotificationConfigurationCommand({ Bucket: labBucket })
  const { $metadata: _none, ...nothing } = await s3.send(command)
  expect(nothing).toEqual({})
  lab.bucket().notifications = {
    eventBridge: true,
    rules: [
      { id: 'topic', to: { topic: 'arn:topic' }, prefix: 'a&b/', suffix: '.gz' },
      { id: 'queue', to: { queue: 'arn:queue' }, events: ['s3:ObjectRemoved:*', 's3:ObjectCreated:Put'] },
    ],
  }
  const { $metadata: _, ...shown } = await s3.send(command)
  lab.bucket().notifications = undefined
  expect(shown).toEqual({
    EventBridgeConfiguration: {},
    TopicConfigurations: [
      {
        Id: 'topic',
        TopicArn: 'arn:topic',
        Events: ['s3:ObjectCreated:*'],
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'Prefix', Value: 'a&b/' },
              { Name: 'Suffix', Value: '.gz' },
            ],
          },
        },
      },
    ],
    QueueConfigurations: [
      { Id: 'queue', QueueArn: 'arn:queue', Events: ['s3:ObjectRemoved:*', 's3:ObjectCreated:Put'] },
    ],
  })
})

test('without the right to list, a missing key is reported as that right to callers of the account', async () => {
  const s3 = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B }))
  const Key = 'AWSLogs/222222222222/never-was'
  const answer = await refusal(s3.send(new GetObjectCommand({ Bucket: labBucket, Key })))
  expect(answer).toMatchObject({ status: 403, message: expect.stringContaining('s3:ListBucket') })
})

test('a conditional delete reports a missing key, and a put fails its condition before its digest', async () => {
  const s3 = s3As(lab, lab.principals.admin)
  const place = { Bucket: labBucket, Key: 'never-was', IfMatch: '"00000000000000000000000000000000"' }
  expect(await refusal(s3.send(new DeleteObjectCommand(place)))).toMatchObject({ status: 404 })
  const put = { ...place, Body: 'body', ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' }
  expect(await refusal(s3.send(new PutObjectCommand(put)))).toMatchObject({ status: 404 })
  const { IfMatch: _, ...unconditional } = put
  expect(await refusal(s3.send(new PutObjectCommand(unconditional)))).toMatchObject({ code: 'BadDigest' })
  expect(lab.bucket().get('never-was')).toBeUndefined()
})

test('HEAD needs the KMS key only for checksums', async () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:777777777777:key/11111111-2222-4333-8444-555555555555'
  lab.bucket().put('secret', 'body', { kmsKeyArn })
  const s3 = s3As(lab, lab.principals.admin)
  const place = { Bucket: labBucket, Key: 'secret' }
  expect((await s3.send(new HeadObjectCommand(place))).SSEKMSKeyId).toBe(kmsKeyArn)
  expect(await refusal(s3.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' })))).toMatchObject({
    status: 403,
  })
})

test("answers have the date of the lab's clock", async () => {
  const ahead = await startLab({ now: () => Date.now() + aheadMs })
  const answer = await fetch(ahead.endpoint)
  await ahead.stop()
  const offMs = Date.parse(answer.headers.get('date') ?? '') - Date.now() - aheadMs
  expect(Math.abs(offMs)).toBeLessThan(60_000)
})
