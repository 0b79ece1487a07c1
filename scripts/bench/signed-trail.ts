import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { signaturePath, signatureText } from '../../src/disk/signature-file.ts'
import { type DigestKeyPair, newDigestKeyPair } from '../../src/lab/digest-keys.ts'
import { addDigests, type DeliveredLog } from '../../src/lab/digests.ts'
import { sampleRecords } from '../../src/lab/events.ts'
import { labAccounts, labBucket } from '../../src/lab/fixture.ts'
import { type LogBody, stamped } from '../../src/lab/log-body.ts'
import { randomIndex, randomText, type Random, seededRandom } from '../../src/lab/random.ts'
import { Bucket } from '../../src/lab/stored-bucket.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { formatKey } from '../../src/trail/key.ts'
import { alphanumerics, md5Of, type StoredLog } from './stored-log.ts'

export interface SignedSpread {
  /** How many log accounts and regions have a chain. */
  readonly chains: number
  /** Each chain has a digest for each hour. */
  readonly hours: number
  /** Of all chains. */
  readonly logs: number
}

/** A trail with signed digests in a folder. Each object is at its key, and each signature beside its digest. */
export interface SignedTrail {
  readonly root: string
  /** With the digests. */
  readonly objects: readonly StoredLog[]
  /** The answer of ListPublicKeys, which `--keys` reads too. */
  readonly publicKeys: string
  /** The first log account and region, and the trail. */
  readonly logAccount: AccountId
  readonly region: string
  readonly trailName: string
  /** As `--from` and `--until` name them. */
  readonly from: string
  readonly until: string
}

const fromMs = Date.UTC(2025, 9, 1)
const layout = { prefix: '' }
const trailName = 'bench-trail'
const regions = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1'] as const

/** Writes a trail whose digests are all signed with one key. */
export async function writeSignedTrail(root: string, { chains, hours, logs }: SignedSpread): Promise<SignedTrail> {
  const random = seededRandom(3)
  const signer = await newDigestKeyPair()
  const bodies = logs === 0 ? [] : Array.from({ length: 200 }, () => logBody(random))
  const objects: StoredLog[] = []
  for (let chain = 0; chain < chains; chain++) {
    const place = placeOf(chain)
    const count = Math.floor(logs / chains) + (chain < logs % chains ? 1 : 0)
    const delivered = deliveredLogs(random, place, { count, hours, bodies })
    for (const [at, { key, body, deliveredAtMs }] of delivered.entries()) {
      objects.push(written(root, key, stamped(body.gzip, chain * logs + at), deliveredAtMs))
    }
    objects.push(...writeDigests(root, signer, { ...place, hours, logs: delivered }))
  }
  const until = fromMs + hours * hourMs
  return {
    root,
    objects,
    publicKeys: publicKeysOf(signer, until),
    ...placeOf(0),
    trailName,
    from: new Date(fromMs).toISOString(),
    until: new Date(until).toISOString(),
  }
}

interface Place {
  readonly logAccount: AccountId
  readonly region: string
}

function placeOf(chain: number): Place {
  const logAccount = String(200_000_000_000 + Math.floor(chain / regions.length)) as AccountId
  return { logAccount, region: regions[chain % regions.length] ?? regions[0] }
}

interface Deliveries {
  readonly count: number
  readonly hours: number
  readonly bodies: readonly LogBody[]
}

function deliveredLogs(random: Random, place: Place, { count, hours, bodies }: Deliveries): DeliveredLog[] {
  return Array.from({ length: count }, (_, at): DeliveredLog => {
    const deliveredAtMs = fromMs + Math.floor((at * hours * 60) / count) * minuteMs
    const body = bodies[randomIndex(random, bodies.length)]
    if (body === undefined) throw new Error('no bodies')
    const key = formatKey(
      { kind: 'events', ...place, deliveredAtMs, random: randomText(random, alphanumerics, 16) },
      layout,
    )
    return { key, deliveredAtMs, body }
  })
}

/** About 6 KB of gzip, as the logs of the other rows have. */
function logBody(random: Random): LogBody {
  const records = sampleRecords(random, {
    account: '222222222222' as AccountId,
    region: regions[0],
    kind: 'events',
    count: 44 + randomIndex(random, 24),
    fromMs: fromMs - 900_000,
    toMs: fromMs,
  })
  const json = Buffer.from(JSON.stringify({ Records: records }))
  const sha256 = createHash('sha256').update(json).digest('hex')
  const time = new Date(fromMs).toISOString()
  return { gzip: gzipSync(json), sha256, oldestEventTime: time, newestEventTime: time }
}

interface Chain extends Place {
  readonly hours: number
  readonly logs: readonly DeliveredLog[]
}

function writeDigests(root: string, signer: DigestKeyPair, { hours, ...chain }: Chain): StoredLog[] {
  const bucket = new Bucket({ name: labBucket, owner: labAccounts.A, region: 'us-east-1' }, Date.now)
  const keys = addDigests(bucket, layout, signer, { ...chain, fromMs, toMs: fromMs + hours * hourMs, trailName })
  return keys.map((key) => {
    const { body, metadata = {}, lastModifiedMs } = bucket.get(key) ?? {}
    const { signature } = metadata
    if (body === undefined || lastModifiedMs === undefined || signature === undefined)
      throw new Error(`no digest ${key}`)
    const headers = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
    const digest = written(root, key, body, lastModifiedMs)
    writeFileSync(join(root, signaturePath(key)), signatureText(Object.fromEntries(headers)))
    return { ...digest, signature }
  })
}

function written(root: string, key: string, body: Buffer, modifiedMs: number): StoredLog {
  const path = join(root, key)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, body)
  return { key, sizeBytes: body.length, md5: md5Of(body), modifiedMs }
}

function publicKeysOf({ publicKeyDer, fingerprint }: DigestKeyPair, untilMs: number): string {
  const key = {
    Value: publicKeyDer.toString('base64'),
    ValidityStartTime: (fromMs - dayMs) / 1000,
    ValidityEndTime: (untilMs + dayMs) / 1000,
    Fingerprint: fingerprint,
  }
  return JSON.stringify({ PublicKeyList: [key] })
}
