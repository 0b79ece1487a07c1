import { nameOfShape } from './shape-name.ts'

export interface AnnouncedObject {
  readonly bucket: string
  /** The key as S3 has it, not encoded. */
  readonly key: string
}

/**
 * What a message of a queue says. `shape` is the kind of message, such as `s3-sns`. For an unknown one it names fields and their types, and never values.
 *
 * - `logs`: new objects, at least one. They may be of another trail.
 * - `test`: a test of the connection. It may be deleted.
 * - `ignored`: a well-understood message that announces no new object, such as a deletion. It may be deleted.
 * - `unknown`: something else, or a message of which a part is not understood. It must not be deleted.
 */
export type Announcement =
  | { readonly type: 'logs'; readonly shape: string; readonly objects: readonly AnnouncedObject[] }
  | { readonly type: 'test' | 'ignored' | 'unknown'; readonly shape: string }

/** The longest body that is read, in UTF-16 units. SQS's limit is 1 MiB. */
export const longestBody = 1_048_576

/** SNS can deliver to SNS only through a program, so more envelopes than this are no announcement. */
const mostEnvelopes = 3

/** Reads the body of a message: an event of S3, EventBridge or CloudTrail, alone or in an SNS envelope. Never throws. */
export function readAnnouncement(body: string): Announcement {
  if (body.length > longestBody) return { type: 'unknown', shape: 'longer than 1 MiB' }
  let text = body
  for (let envelopes = 0; ; envelopes++) {
    const wrapping = '-sns'.repeat(envelopes)
    if (text === validationMessage) return { type: 'test', shape: `cloudtrail${wrapping}` }
    const value = parsed(text)
    if (!isObject(value)) return { type: 'unknown', shape: nameOfShape(value) + wrapping }
    const inner = value['Type'] === 'Notification' ? value['Message'] : undefined
    if (typeof inner !== 'string') return readEvent(value, wrapping)
    if (envelopes === mostEnvelopes) return { type: 'unknown', shape: 'too many SNS envelopes' }
    text = inner
  }
}

/** CloudTrail sends this text, which is no JSON, when a trail gets its topic. */
const validationMessage = 'CloudTrail validation message.'

type Fields = Readonly<Record<string, unknown>>

/** What one reader found. Undefined if the message has another shape, or a part that is not understood. */
type Found = readonly AnnouncedObject[] | 'test' | undefined

const readers: Readonly<Record<string, (value: Fields) => Found>> = {
  s3: readS3,
  eventbridge: readEventBridge,
  cloudtrail: readCloudTrail,
}

function readEvent(value: Fields, wrapping: string): Announcement {
  for (const [name, read] of Object.entries(readers)) {
    const found = read(value)
    if (found === undefined) continue
    const shape = name + wrapping
    if (found === 'test') return { type: 'test', shape }
    return found.length === 0 ? { type: 'ignored', shape } : { type: 'logs', shape, objects: found }
  }
  return { type: 'unknown', shape: nameOfShape(value) + wrapping }
}

/** The events of S3 that announce no new object. */
const otherEvents =
  /^(?:ObjectRemoved|ObjectRestore|ObjectTagging|ObjectAcl|Replication|Lifecycle(?:Expiration|Transition)|IntelligentTiering|ReducedRedundancyLostObject)(?::|$)/

function readS3(value: Fields): Found {
  if (value['Service'] === 'Amazon S3' && value['Event'] === 's3:TestEvent') return 'test'
  const records = value['Records']
  if (!Array.isArray(records) || records.length === 0) return undefined
  return collected(records, readRecord)
}

function readRecord(record: unknown): Found {
  if (!isObject(record) || !/(?:^|:)s3$/.test(textOf(record['eventSource']))) return undefined
  if (!/^2\.\d+$/.test(textOf(record['eventVersion']))) return undefined
  // S3-compatible stores write the name as it is in the bucket's settings, with `s3:`.
  const name = textOf(record['eventName']).replace(/^s3:/, '')
  if (otherEvents.test(name)) return []
  if (!name.startsWith('ObjectCreated:')) return undefined
  const { bucket, object }: Fields = isObject(record['s3']) ? record['s3'] : {}
  if (!isObject(bucket) || !isObject(object)) return undefined
  return announced(bucket['name'], formDecoded(object['key']))
}

/** The events of S3 in EventBridge that announce no new object. */
const otherDetails = new Set([
  'Object Deleted',
  'Object Restore Initiated',
  'Object Restore Completed',
  'Object Restore Expired',
  'Object Tags Added',
  'Object Tags Deleted',
  'Object ACL Updated',
  'Object Storage Class Changed',
  'Object Access Tier Changed',
])

function readEventBridge(value: Fields): Found {
  const { source, detail } = value
  const type = value['detail-type']
  if (source !== 'aws.s3' || typeof type !== 'string' || !isObject(detail)) return undefined
  if (otherDetails.has(type)) return []
  const { bucket, object } = detail
  if (type !== 'Object Created' || !isObject(bucket) || !isObject(object)) return undefined
  return announced(bucket['name'], object['key'])
}

function readCloudTrail({ s3Bucket, s3ObjectKey }: Fields): Found {
  if (typeof s3Bucket !== 'string' || !Array.isArray(s3ObjectKey)) return undefined
  return collected(s3ObjectKey, (key) => announced(s3Bucket, key))
}

/** Joins what the parts announce. One part that is not understood makes the whole message unknown, because a message is deleted as a whole. */
function collected(parts: readonly unknown[], read: (part: unknown) => Found): Found {
  const objects: AnnouncedObject[] = []
  for (const part of parts) {
    const found = read(part)
    if (found === undefined || found === 'test') return undefined
    objects.push(...found)
  }
  return objects
}

/** By S3's limits: a key has up to 1,024 bytes, the oldest bucket names up to 255 characters. */
const longestKeyBytes = 1_024
const bucketName = /^[\w.-]{3,255}$/

function announced(bucket: unknown, key: unknown): Found {
  if (typeof bucket !== 'string' || !bucketName.test(bucket)) return undefined
  if (typeof key !== 'string' || key === '' || !key.isWellFormed()) return undefined
  return utf8Bytes(key) > longestKeyBytes ? undefined : [{ bucket, key }]
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

/** S3 encodes keys in its events like the fields of a form: a space is `+`. Returns undefined for another encoding. */
function formDecoded(key: unknown): string | undefined {
  if (typeof key !== 'string') return undefined
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
