import type { AccountId } from '../trail/account-id.ts'
import { minuteMs } from '../trail/calendar.ts'
import { formatKey } from '../trail/key.ts'
import { logsBase } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Bucket } from './stored-bucket.ts'
import { addDigests, newDigestKeyPair, type DeliveredLog, type DigestKeyPair } from './digests.ts'
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
  /** Signed digests of every hour of the window, for every log account and region that has a log. */
  readonly digests?: boolean
  /** Adds a README, an Athena result and folder markers among the logs. Default: true. */
  readonly foreign?: boolean
  /** How many different contents each log account, region and kind has before they repeat, including event IDs. Default: 8. */
  readonly contentsPerSlot?: number
}

export interface SampleSummary {
  readonly logs: number
  readonly logBytes: number
  readonly digests: number
  readonly foreign: number
  /** The key pair that signed the digests, if there are any. */
  readonly digestKeyPair?: DigestKeyPair
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
    slot.logs.push({ key, deliveredAtMs, body })
    logBytes += gzip.length
  }
  const counted = {
    logs: options.objects,
    logBytes,
    foreign: options.foreign === false ? 0 : addForeign(bucket, layout),
  }
  if (options.digests !== true) return { ...counted, digests: 0 }
  const digestKeyPair = await newDigestKeyPair()
  const digests = addDigestsOf([...slots.values()], bucket, layout, digestKeyPair, { fromMs, toMs })
  return { ...counted, digests, digestKeyPair }
}

interface Slot {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: SampleKind
  readonly bodies: LogBody[]
  readonly logs: DeliveredLog[]
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

function addDigestsOf(
  slots: readonly Slot[],
  bucket: Bucket,
  layout: TrailLayout,
  keyPair: DigestKeyPair,
  window: { fromMs: number; toMs: number },
): number {
  const places = new Map<string, { logAccount: AccountId; region: string; logs: DeliveredLog[] }>()
  for (const { logAccount, region, logs } of slots) {
    const place = places.get(`${logAccount} ${region}`) ?? { logAccount, region, logs: [] }
    place.logs.push(...logs)
    places.set(`${logAccount} ${region}`, place)
  }
  let count = 0
  for (const { logAccount, region, logs } of places.values()) {
    const ordered = logs.toSorted((left, right) => left.deliveredAtMs - right.deliveredAtMs)
    count += addDigests(bucket, layout, keyPair, { logAccount, region, ...window, logs: ordered }).length
  }
  return count
}
