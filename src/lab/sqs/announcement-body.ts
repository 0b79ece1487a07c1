import { randomUUID } from 'node:crypto'

/** Who announces, and through what. `-sns` puts the message in the envelope of an SNS topic; without it, the topic delivers raw messages. */
export const announcementShapes = [
  's3',
  's3-sns',
  'eventbridge',
  'eventbridge-sns',
  'cloudtrail',
  'cloudtrail-sns',
] as const

export type AnnouncementShape = (typeof announcementShapes)[number]

/** An object that was put, as its announcement names it. */
export interface PutObject {
  readonly key: string
  readonly sizeBytes: number
  readonly etag: string
  readonly atMs: number
  /** Orders the changes of one key. */
  readonly sequence: number
}

/** The bucket that the objects are in. */
export interface PutPlace {
  readonly bucket: string
  readonly owner: string
  readonly region: string
}

/** Returns the body of the message that announces objects, as AWS writes it. EventBridge announces one object, so it gets one. */
export function announcementBody(shape: AnnouncementShape, place: PutPlace, objects: readonly PutObject[]): string {
  const body = JSON.stringify(eventOf(shape, place, objects))
  return shape.endsWith('-sns') ? inEnvelope(body, place, objects[0]?.atMs ?? 0) : body
}

/** Returns what AWS sends when the announcing is set up: the test of S3, or of CloudTrail's topic. EventBridge sends none. */
export function testBody(shape: AnnouncementShape, place: PutPlace, atMs: number): string | undefined {
  if (shape.startsWith('eventbridge')) return undefined
  // CloudTrail's is a text, so that only an envelope makes it JSON.
  const body = shape.startsWith('s3') ? JSON.stringify(s3Test(place, atMs)) : 'CloudTrail validation message.'
  return shape.endsWith('-sns') ? inEnvelope(body, place, atMs) : body
}

function eventOf(shape: AnnouncementShape, place: PutPlace, objects: readonly PutObject[]): object {
  if (shape.startsWith('s3')) return { Records: objects.map((object) => s3Record(place, object)) }
  if (shape.startsWith('cloudtrail')) return { s3Bucket: place.bucket, s3ObjectKey: objects.map(({ key }) => key) }
  const [object] = objects
  if (object === undefined || objects.length > 1) throw new Error('EventBridge announces one object with each message')
  return bridgeEvent(place, object)
}

function s3Record({ bucket, owner, region }: PutPlace, object: PutObject): object {
  const { key, sizeBytes, etag, atMs } = object
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(atMs).toISOString(),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: `AWS:${cloudTrailId}:regionalDeliverySession` },
    requestParameters: { sourceIPAddress: '198.51.100.7' },
    responseElements: {
      'x-amz-request-id': 'D82B88E5F771F645',
      'x-amz-id-2': 'vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo=',
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'announce-logs',
      bucket: { name: bucket, ownerIdentity: { principalId: owner }, arn: `arn:aws:s3:::${bucket}` },
      object: { key: formEncoded(key), size: sizeBytes, eTag: etag, sequencer: sequencerOf(object) },
    },
  }
}

const cloudTrailId = 'AROA1234567890EXAMPLE'

function s3Test({ bucket }: PutPlace, atMs: number): object {
  return {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(atMs).toISOString(),
    Bucket: bucket,
    RequestId: '5582815E1AEA5ADF',
    HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
  }
}

function bridgeEvent({ bucket, owner, region }: PutPlace, object: PutObject): object {
  const { key, sizeBytes, etag, atMs } = object
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: owner,
    time: new Date(atMs).toISOString(),
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size: sizeBytes, etag, sequencer: sequencerOf(object) },
      'request-id': 'D82B88E5F771F646',
      requester: 'cloudtrail.amazonaws.com',
      'source-ip-address': '198.51.100.7',
      reason: 'PutObject',
    },
  }
}

function inEnvelope(message: string, { owner, region }: PutPlace, atMs: number): string {
  const sns = `https://sns.${region}.amazonaws.com`
  return JSON.stringify({
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: `arn:aws:sns:${region}:${owner}:logs`,
    Subject: 'Amazon S3 Notification',
    Message: message,
    Timestamp: new Date(atMs).toISOString(),
    SignatureVersion: '1',
    Signature:
      'EXAMPLEpH+DcEwjAPg8O9mY8dReBSwksfg2S7WKQcikcNKWLQjwu6A4VbeS0QHVCkhRS7fUQvi2egU3N858fiTDN6bkkOxYDVrY0Ad8L10Hs3zH81mtnPk5uvvolIC1CXGu43obcgFxeL3khZl8IKvO61GWB6jI9b5+gLPoBc1Q=',
    SigningCertURL: `${sns}/SimpleNotificationService-0000000000000000000000.pem`,
    UnsubscribeURL: `${sns}/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:${region}:${owner}:logs:00000000-0000-4000-8000-000000000000`,
  })
}

/** Grows with each change of a key, as hexadecimal digits. */
function sequencerOf({ atMs, sequence }: PutObject): string {
  const second = Math.floor(atMs / 1_000)
    .toString(16)
    .padStart(10, '0')
  return `${second}${sequence.toString(16).padStart(8, '0')}`.toUpperCase()
}

/** S3 encodes keys in its events like the fields of a form, except for slashes. */
function formEncoded(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
