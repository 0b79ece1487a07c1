import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { labBucket } from '../../../src/lab/fixture.ts'
import { startLab, type LabOptions } from '../../../src/lab/lab.ts'
import type { AnnounceOptions } from '../../../src/lab/sqs/announce.ts'
import { announcementShapes } from '../../../src/lab/sqs/announcement-body.ts'
import { s3As } from '../lab-clients.ts'

async function announcing(options: AnnounceOptions, labOptions: LabOptions = {}) {
  const lab = await startLab(labOptions)
  onTestFinished(() => lab.stop())
  const queue = lab.queues.create('logs')
  const announcing = lab.announce({ queue, ...options })
  return { lab, queue, announcing, bucket: lab.bucket() }
}

const values = (bodies: readonly string[]) => bodies.map((body) => JSON.parse(body) as Record<string, unknown>)

test('announces what is put over HTTP, as S3 does', async () => {
  const { lab, queue } = await announcing({ shape: 's3' }, { now: () => Date.UTC(2026, 10, 1) })
  const s3 = s3As(lab, lab.principals.admin)
  s3.config.systemClockOffset = Date.UTC(2026, 10, 1) - Date.now()
  await s3.send(new PutObjectCommand({ Bucket: labBucket, Key: 'a b/c+d=ü', Body: 'hello' }))
  const [testMessage, event] = values(queue.bodies)
  expect(testMessage).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: labBucket })
  expect(event).toMatchObject({
    Records: [
      {
        eventVersion: '2.1',
        eventName: 'ObjectCreated:Put',
        eventTime: '2026-11-01T00:00:00.000Z',
        s3: {
          bucket: { name: labBucket, arn: `arn:aws:s3:::${labBucket}` },
          object: {
            key: 'a+b/c%2Bd%3D%C3%BC',
            size: 5,
            eTag: '5d41402abc4b2a76b9719d911017c592',
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
        },
      },
    ],
  })
})

test.each(announcementShapes)('%s: sends the test of its set-up, and one message for each object', async (shape) => {
  const { queue, announcing: done, bucket } = await announcing({ shape })
  for (const key of ['a', 'b', 'c']) bucket.put(key, 'x')
  expect(queue.bodies).toHaveLength(shape.startsWith('eventbridge') ? 3 : 4)
  expect(done.announced).toEqual(['a', 'b', 'c'])
  if (shape.endsWith('-sns'))
    expect(values(queue.bodies)).toMatchObject(queue.bodies.map(() => ({ Type: 'Notification' })))
})

test('objects of one turn share a message', async () => {
  const { queue, bucket } = await announcing({ shape: 'cloudtrail', objectsPerMessage: 2 })
  for (const key of ['a', 'b', 'c']) bucket.put(key, 'x')
  await expect.poll(() => queue.bodies.slice(1)).toHaveLength(2)
  expect(values(queue.bodies.slice(1))).toEqual([
    { s3Bucket: labBucket, s3ObjectKey: ['a', 'b'] },
    { s3Bucket: labBucket, s3ObjectKey: ['c'] },
  ])
})

test('announces only keys of its filter, also those that are there already if asked, and nothing after it stopped', async () => {
  const lab = await startLab()
  onTestFinished(() => lab.stop())
  const bucket = lab.bucket()
  bucket.put('logs/1.gz', 'x')
  const queue = lab.queues.create('logs')
  const filter = { prefix: 'logs/', suffix: '.gz' }
  const done = lab.announce({ queue, shape: 'eventbridge', filter, existing: true })
  for (const key of ['logs/2.gz', 'logs/3.txt', 'other/4.gz']) bucket.put(key, 'x')
  done.stop()
  bucket.put('logs/5.gz', 'x')
  expect(done.announced).toEqual(['logs/1.gz', 'logs/2.gz'])
})

test('announces the objects of another bucket', async () => {
  const lab = await startLab()
  onTestFinished(() => lab.stop())
  const other = lab.addBucket({ name: 'other-logs', owner: '111111111111' as never, region: 'us-east-1' })
  const queue = lab.queues.create('logs')
  lab.announce({ queue, shape: 'cloudtrail', bucket: 'other-logs' })
  lab.bucket().put('a', 'x')
  other.put('b', 'x')
  expect(values(queue.bodies.slice(1))).toEqual([{ s3Bucket: 'other-logs', s3ObjectKey: ['b'] }])
  expect(() => lab.announce({ queue, shape: 's3', bucket: 'none' })).toThrow('the lab has no bucket none')
})

test('a delayed message arrives later, by the clock of the lab', async () => {
  let now = 1_000_000
  const { queue, bucket } = await announcing({ shape: 'eventbridge', delayMs: [1_000, 5_000] }, { now: () => now })
  for (let index = 0; index < 20; index++) bucket.put(`k${index}`, 'x')
  now += 999
  expect(queue.counts).toEqual({ visible: 0, inFlight: 0, delayed: 20 })
  now += 2_001
  expect(queue.counts.visible).toBeGreaterThan(0)
  expect(queue.counts.visible).toBeLessThan(20)
  now += 2_000
  expect(queue.counts.visible).toBe(20)
})

const rough = { shape: 'eventbridge', lossRate: 0.2, duplicateRate: 0.2, spoilRate: 0.2, shuffle: true } as const

async function roughRun(seed: number) {
  const { queue, bucket, announcing: done } = await announcing(rough, { seed, now: () => 1_000_000 })
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`)
  for (const key of keys) bucket.put(key, 'x')
  const arrived = queue.bodies.flatMap((body) => /"key":"(k\d+)"/.exec(body)?.[1] ?? [])
  return { keys, arrived, done, bodies: queue.bodies }
}

test('loses, repeats, spoils and shuffles messages, and says which keys are missing', async () => {
  const { keys, arrived, done, bodies } = await roughRun(7)
  expect([...done.announced, ...done.missing].sort()).toEqual(keys.toSorted())
  const whole = bodies.filter((body) => body.endsWith('}'))
  const readable = whole.flatMap(
    (body) => (JSON.parse(body) as { detail: { object: { key: string } } }).detail.object.key,
  )
  expect([...new Set(readable)].sort()).toEqual(done.announced.toSorted())
  expect(done.missing.length).toBeGreaterThan(40)
  expect(readable.length).toBeGreaterThan(done.announced.length + 10)
  expect(bodies.length).toBeGreaterThan(whole.length + 10)
  expect(arrived).not.toEqual(arrived.toSorted((one, other) => Number(one.slice(1)) - Number(other.slice(1))))
})

test('the same seed gives the same, another seed does not', async () => {
  const [one, same, other] = [await roughRun(7), await roughRun(7), await roughRun(8)]
  expect(same.arrived).toEqual(one.arrived)
  expect(other.arrived).not.toEqual(one.arrived)
})
