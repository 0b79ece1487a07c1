import fc from 'fast-check'
import { expect, test } from 'vitest'
import { announcementBody, announcementShapes, testBody } from '../../src/lab/sqs/announcement-body.ts'
import { longestBody, readAnnouncement } from '../../src/queue/announced.ts'

const place = { bucket: 'example-cloudtrail-logs', owner: '111111111111', region: 'us-east-1' }
const put = (key: string) => ({
  key,
  sizeBytes: 10,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  atMs: 1_793_491_200_000,
  sequence: 1,
})
const logs = (bucket: string, ...keys: string[]) => keys.map((key) => ({ bucket, key }))

/** Any key that S3 accepts: 1 to 1,024 bytes of UTF-8. */
const anyKey = fc.string({ unit: 'binary', minLength: 1, maxLength: 250 }).filter((key) => key.isWellFormed())

test.each(announcementShapes)('%s: each key that is announced is read as it is', (shape) => {
  const one = shape.startsWith('eventbridge') ? 1 : 5
  fc.assert(
    fc.property(fc.array(anyKey, { minLength: 1, maxLength: one }), (keys) => {
      const read = readAnnouncement(announcementBody(shape, place, keys.map(put)))
      expect(read).toEqual({ type: 'logs', shape, objects: logs(place.bucket, ...keys) })
    }),
  )
})

test.each(announcementShapes)('%s: the message of the set-up is a test', (shape) => {
  const body = testBody(shape, place, 0)
  if (shape.startsWith('eventbridge')) return expect(body).toBeUndefined()
  expect(readAnnouncement(body ?? '')).toEqual({ type: 'test', shape })
})

const record = (changes: object = {}, object: unknown = { key: 'a' }) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'logs' }, object },
  ...changes,
})
const s3 = (...records: unknown[]) => JSON.stringify({ Records: records })
const inSns = (message: string) => JSON.stringify({ Type: 'Notification', Message: message })
const bridge = (type: string, detail: unknown = { bucket: { name: 'logs' }, object: { key: 'a+b%20c' } }) =>
  JSON.stringify({ source: 'aws.s3', 'detail-type': type, detail })

test('reads a key of S3 as a form, and a key of EventBridge and CloudTrail as it is', () => {
  expect(readAnnouncement(s3(record({}, { key: 'a+b%20c%2B' })))).toMatchObject({ objects: logs('logs', 'a b c+') })
  expect(readAnnouncement(bridge('Object Created'))).toMatchObject({ objects: logs('logs', 'a+b%20c') })
  const body = JSON.stringify({ s3Bucket: 'logs', s3ObjectKey: ['a+b%20c', 'd'] })
  expect(readAnnouncement(body)).toMatchObject({ objects: logs('logs', 'a+b%20c', 'd') })
})

test('reads schema versions 2.x, and the events of stores that are compatible with S3', () => {
  for (const changes of [
    { eventVersion: '2.0', eventSource: 'minio:s3', eventName: 's3:ObjectCreated:Put' },
    { eventVersion: '2.3', eventSource: 'ceph:s3', eventName: 'ObjectCreated:CompleteMultipartUpload' },
    { eventName: 'ObjectCreated:Copy' },
  ]) {
    expect(readAnnouncement(s3(record(changes)))).toMatchObject({ type: 'logs' })
  }
})

test('an event that announces no new object is ignored', () => {
  for (const eventName of [
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'ObjectRestore:Completed',
    'ObjectTagging:Put',
    'ObjectAcl:Put',
    'LifecycleExpiration:Delete',
    'LifecycleTransition',
    'IntelligentTiering',
  ]) {
    expect(readAnnouncement(s3(record({ eventName })))).toEqual({ type: 'ignored', shape: 's3' })
  }
  expect(readAnnouncement(inSns(bridge('Object Deleted')))).toEqual({ type: 'ignored', shape: 'eventbridge-sns' })
  expect(readAnnouncement(bridge('Object Tags Added'))).toEqual({ type: 'ignored', shape: 'eventbridge' })
  expect(readAnnouncement(JSON.stringify({ s3Bucket: 'logs', s3ObjectKey: [] }))).toMatchObject({ type: 'ignored' })
})

test('a message with new and removed objects announces the new ones', () => {
  const body = s3(record({ eventName: 'ObjectRemoved:Delete' }, { key: 'b' }), record())
  expect(readAnnouncement(body)).toEqual({ type: 'logs', shape: 's3', objects: logs('logs', 'a') })
})

test('a message with one part that is not understood is unknown as a whole', () => {
  const wrong: unknown[] = [
    record({ eventName: 'ObjectSummoned:Put' }),
    record({ eventName: undefined }),
    record({ eventVersion: '3.0' }),
    record({ eventSource: 'aws:sns' }),
    record({ s3: null }),
    record({}, { key: 7 }),
    record({}, { key: '' }),
    record({}, { key: '%' }),
    record({}, { key: '%C3' }),
    record({}, { key: '\ud800' }),
    record({}, { key: 'x'.repeat(1_025) }),
    record({ s3: { bucket: { name: 'a/b' }, object: { key: 'a' } } }),
    null,
    'text',
    [],
  ]
  for (const part of wrong) {
    for (const records of [[part], [record(), part], [part, record()]]) {
      expect(readAnnouncement(s3(...records))).toEqual({ type: 'unknown', shape: '{Records:array}' })
    }
  }
  expect(readAnnouncement(JSON.stringify({ s3Bucket: 'logs', s3ObjectKey: ['a', 7] }))).toMatchObject({
    type: 'unknown',
  })
})

test('other events are unknown', () => {
  for (const body of [
    s3(),
    bridge('Object Created', { bucket: { name: 'logs' } }),
    bridge('Object Created', []),
    bridge('AWS API Call via CloudTrail'),
    JSON.stringify({ source: 'aws.ec2', 'detail-type': 'Object Created', detail: {} }),
    JSON.stringify({ s3Bucket: 'logs', s3ObjectKey: 'a' }),
    JSON.stringify({ Service: 'Amazon S3', Event: 's3:OtherEvent' }),
    JSON.stringify({ Records: { 0: record() } }),
    'CloudTrail validation message. And more',
    '',
    'null',
    '[]',
    '7',
  ]) {
    expect(readAnnouncement(body)).toMatchObject({ type: 'unknown' })
    expect(readAnnouncement(inSns(body))).toMatchObject({ type: 'unknown' })
  }
})

test('a subscription is not confirmed and not deleted', () => {
  const body = JSON.stringify({
    Type: 'SubscriptionConfirmation',
    Message: s3(record()),
    SubscribeURL: 'https://x',
    Token: 't',
  })
  expect(readAnnouncement(body)).toEqual({
    type: 'unknown',
    shape: '{Message:string SubscribeURL:string Token:string Type:string}',
  })
})

test('reads up to three envelopes', () => {
  const nested = (count: number) => Array.from({ length: count }).reduce<string>(inSns, s3(record()))
  expect(readAnnouncement(nested(3))).toMatchObject({ type: 'logs', shape: 's3-sns-sns-sns' })
  expect(readAnnouncement(nested(4))).toEqual({ type: 'unknown', shape: 'too many SNS envelopes' })
})

test('reads a message of 1 MiB, and no longer one', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => `${index}${'x'.repeat(1_000)}`)
  const body = JSON.stringify({ s3Bucket: 'logs', s3ObjectKey: keys })
  expect(readAnnouncement(body.padEnd(longestBody))).toMatchObject({ type: 'logs', objects: logs('logs', ...keys) })
  expect(readAnnouncement(body.padEnd(longestBody + 1))).toEqual({ type: 'unknown', shape: 'longer than 1 MiB' })
})

test('hostile JSON is unknown: deep, with __proto__, or without end', () => {
  const deep = '['.repeat(400_000) + ']'.repeat(400_000)
  for (const body of [
    deep,
    `{"Records":${deep}}`,
    `{"Type":"Notification","Message":{"Records":${deep}}}`,
    '{"__proto__":{"Records":[1]}}',
    '{"__proto__":{"s3Bucket":"logs","s3ObjectKey":["a"]}}',
    '{"constructor":{"prototype":{"Type":"Notification"}}}',
    '{"Records":[',
  ]) {
    expect(readAnnouncement(body)).toMatchObject({ type: 'unknown' })
  }
  expect(({} as Record<string, unknown>)['Records']).toBeUndefined()
})

test('any text and any JSON is read without an error', () => {
  const field = fc.constantFrom(
    'Records',
    's3',
    'bucket',
    'object',
    'key',
    'name',
    'Type',
    'Message',
    'detail',
    'source',
    '__proto__',
  )
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom('Notification', 'aws.s3', 'aws:s3', '2.1', 'ObjectCreated:Put', null, true, 7),
      fc.string(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(field, tie('any'), { maxKeys: 5 }),
    ),
  }))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        any.map((value) => JSON.stringify(value)),
      ),
      (body) => void readAnnouncement(body),
    ),
  )
})

test('the shape of an unknown message has no values, and no field that could be one', () => {
  const secret = 'AKIAIOSFODNN7EXAMPLE'
  const body = JSON.stringify({ password: secret, [secret]: 1, '111111111111': [], ok: { [secret]: 1 } })
  expect(readAnnouncement(body)).toEqual({ type: 'unknown', shape: '{ok:object password:string …:array …:number}' })
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${'x'.repeat(index)}`, 1]))
  expect(readAnnouncement(JSON.stringify(many)).shape).toMatch(/ and 18 more\}$/)
})
