import type { AccountId } from '../trail/account-id.ts'
import { hourMs, minuteMs } from '../trail/calendar.ts'
import { formatKey } from '../trail/key.ts'
import { logsBase } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Bucket } from './stored-bucket.ts'
import { type DigestKeyPair, type KeyRotation, type PublishedKey, rotatedKeys, type SignerAt } from './digest-keys.ts'
import { addDigests, type DeliveredLog } from './digests.ts'
import type { SampleKind } from './events.ts'
import { logBody, stamped, type LogBody } from './log-body.ts'
import { pick, randomText, type Random } from './random.ts'

export interface SampleOptions {
  /** How many logs, without digests and foreign objects. */
  readonly objects: number
  readonly logAccounts?: readonly [AccountId, ...AccountId[]]
  /** The first one is the busiest. */
  readonly regions?: readonly [string, ...string[]]
  readonly kinds?: readonly [SampleKind, ...SampleKind[]]
  /** When the logs were delivered. Default: the first week of November 2026. */
  readonly window?: { readonly fromMs: number; readonly toMs: number }
  /** Signed digests of every hour of the window, for every log account and region that has a log. `true`: of one trail, with one key. */
  readonly digests?: boolean | SampleDigests
  /** Adds a README, an Athena result and folder markers among the logs. Default: true. */
  readonly foreign?: boolean
  /** How many different contents each log account, region and kind has before they repeat, including event IDs. Default: 8. */
  readonly contentsPerSlot?: number
}

export interface SampleDigests {
  /** The trails that deliver into the bucket. Each log is of one of them, in turn. Default: one, `lab-trail`. */
  readonly trails?: readonly [SampleTrail, ...SampleTrail[]]
  /** Default: one key for the whole window and all regions. */
  readonly keys?: KeyRotation
  /** How far into an hour of the clock periods start. Default: 0. */
  readonly offsetMs?: number
  /** Logs of the last moments of a period are in the digest of the next one. Default: 0. */
  readonly lateMs?: number
}

export interface SampleTrail {
  readonly name: string
  /** Default: us-east-1. */
  readonly homeRegion?: string
  /** False if validation is off: its logs are in no digest. Default: true. */
  readonly validated?: boolean
  /** Times without logging. No digest lists the logs of these times. */
  readonly pauses?: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** Digests of a part of the window that were made later, as a chain of their own. The standard chain has none for that time. */
  readonly backfill?: { readonly fromMs: number; readonly toMs: number; readonly madeAtMs: number }
}

export interface SampleSummary {
  readonly logs: number
  readonly logBytes: number
  readonly digests: number
  readonly foreign: number
  /** The key pair that signed the first digests, if there are any. */
  readonly digestKeyPair?: DigestKeyPair
  /** The public keys of all digests. */
  readonly digestKeys?: readonly PublishedKey[]
}

export const sampleLogAccounts: readonly [AccountId, ...AccountId[]] = [
  '222222222222' as AccountId,
  '333333333333' as AccountId,
  '444444444444' as AccountId,
  '555555555555' as AccountId,
  '012345678901' as AccountId,
]

export const sampleWindow = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 8) }

/** Fills a bucket with logs of a trail. The same seed gives the same logs. Only digests differ, because their key pair is new each time. */
export async function addSamples(
  bucket: Bucket,
  layout: TrailLayout,
  random: Random,
  options: SampleOptions,
): Promise<SampleSummary> {
  const { fromMs, toMs } = options.window ?? sampleWindow
  const slots = new Map<string, Slot>()
  let logBytes = 0
  for (let serial = 1; serial <= options.objects; serial += 1) {
    const slot = pickSlot(slots, random, options)
    const deliveredAtMs = wholeMinute(fromMs + random() * (toMs - fromMs))
    const body = pickBody(slot, random, deliveredAtMs, options.contentsPerSlot ?? 8)
    const key = formatKey({ ...slot, deliveredAtMs, random: randomText(random, alphanumerics, 16) }, layout)
    const gzip = stamped(body.gzip, serial)
    bucket.put(key, gzip, {
      ...logHeaders,
      lastModifiedMs: deliveredAtMs + Math.floor(random() * minuteMs),
      withCrc32: true,
    })
    slot.logs.push({ key, deliveredAtMs, body, serial })
    logBytes += gzip.length
  }
  const counted = {
    logs: options.objects,
    logBytes,
    foreign: options.foreign === false ? 0 : addForeign(bucket, layout),
  }
  if (options.digests === undefined || options.digests === false) return { ...counted, digests: 0 }
  const given = options.digests === true ? {} : options.digests
  const places = placesOf([...slots.values()])
  const regions = [...new Set(places.map(({ region }) => region))]
  const { signerAt, published } = await rotatedKeys(regions, signingWindow(given, { fromMs, toMs }), given.keys)
  const digests = addDigestsOf(places, bucket, layout, signerAt, { ...given, fromMs, toMs })
  const [region] = regions
  if (region === undefined) return { ...counted, digests }
  return { ...counted, digests, digestKeyPair: signerAt(region, fromMs), digestKeys: published }
}

interface Slot {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: SampleKind
  readonly bodies: LogBody[]
  readonly logs: SampleLog[]
}

interface SampleLog extends DeliveredLog {
  readonly serial: number
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const logHeaders = { contentType: 'application/json', contentEncoding: 'gzip' }
const defaultRegions = ['us-east-1', 'eu-west-1', 'ap-southeast-2', 'us-west-2'] as const
const defaultKinds = ['events', 'insight', 'network-activity', 'aggregated'] as const

// As in real trails, most logs are events and most are in the first region.
function pickSlot(slots: Map<string, Slot>, random: Random, options: SampleOptions): Slot {
  const { logAccounts = sampleLogAccounts, regions = defaultRegions, kinds = defaultKinds } = options
  const logAccount = pick(random, logAccounts)
  const region = random() < 0.5 ? regions[0] : pick(random, regions)
  const kind = random() < 0.9 ? kinds[0] : pick(random, kinds)
  const name = `${logAccount} ${region} ${kind}`
  const slot = slots.get(name) ?? { logAccount, region, kind, bodies: [], logs: [] }
  slots.set(name, slot)
  return slot
}

function pickBody(slot: Slot, random: Random, deliveredAtMs: number, limit: number): LogBody {
  const [first, ...others] = slot.bodies
  if (first !== undefined && slot.bodies.length >= limit) return pick(random, [first, ...others])
  const body = logBody(random, { account: slot.logAccount, region: slot.region, kind: slot.kind, deliveredAtMs })
  slot.bodies.push(body)
  return body
}

function wholeMinute(instantMs: number): number {
  return Math.floor(instantMs / minuteMs) * minuteMs
}

function addForeign(bucket: Bucket, layout: TrailLayout): number {
  const base = logsBase(layout)
  bucket.put(`${base}README.txt`, 'Logs of all accounts. Ask the audit team before you touch anything.\n')
  bucket.put(`${base}222222222222/`, '')
  bucket.put(`${base}222222222222/CloudTrail/`, '')
  bucket.put(`${base}222222222222/CloudTrail/us-east-1/athena/7d1c2f4e.csv`, '"eventname","count"\n"AssumeRole","12"\n')
  return 4
}

/** The logs of one log account and region, in order of delivery. */
interface SamplePlace {
  readonly logAccount: AccountId
  readonly region: string
  readonly logs: readonly SampleLog[]
}

function placesOf(slots: readonly Slot[]): readonly SamplePlace[] {
  const places = new Map<string, { logAccount: AccountId; region: string; logs: SampleLog[] }>()
  for (const { logAccount, region, logs } of slots) {
    const place = places.get(`${logAccount} ${region}`) ?? { logAccount, region, logs: [] }
    place.logs.push(...logs)
    places.set(`${logAccount} ${region}`, place)
  }
  return [...places.values()].map((place) => ({
    ...place,
    logs: place.logs.toSorted((left, right) => left.deliveredAtMs - right.deliveredAtMs),
  }))
}

/** Digests are signed from the first one on to the last hour, and those that were made later after it. */
function signingWindow({ trails = [{ name: '' }] }: SampleDigests, { fromMs, toMs }: Window): Window {
  const madeAt = trails.map(({ backfill }) => backfill?.madeAtMs ?? toMs)
  return { fromMs, toMs: Math.max(toMs, ...madeAt) + 2 * hourMs }
}

interface Window {
  readonly fromMs: number
  readonly toMs: number
}

function addDigestsOf(
  places: readonly SamplePlace[],
  bucket: Bucket,
  layout: TrailLayout,
  signerAt: SignerAt,
  { trails = [{ name: 'lab-trail' }], offsetMs = 0, lateMs, fromMs, toMs }: SampleDigests & Window,
): number {
  const firstMs = Math.floor(fromMs / hourMs) * hourMs + offsetMs
  let count = 0
  for (const { logAccount, region, logs } of places) {
    for (const [index, { name, homeRegion, pauses = [], backfill, validated }] of trails.entries()) {
      if (validated === false) continue
      const own = logs.filter(({ serial }) => serial % trails.length === index)
      const chain = { logAccount, region, trailName: name, homeRegion, lateMs, fromMs: firstMs, toMs, logs: own }
      count += addDigests(bucket, layout, signerAt, {
        ...chain,
        pauses: [...pauses, ...(backfill === undefined ? [] : [backfill])].toSorted((a, b) => a.fromMs - b.fromMs),
      }).length
      if (backfill === undefined) continue
      count += addDigests(bucket, layout, signerAt, {
        ...chain,
        fromMs: backfill.fromMs,
        toMs: backfill.toMs,
        logs: own.filter((log) => log.deliveredAtMs >= backfill.fromMs && log.deliveredAtMs < backfill.toMs),
        backfilledAtMs: backfill.madeAtMs,
      }).length
    }
  }
  return count
}
