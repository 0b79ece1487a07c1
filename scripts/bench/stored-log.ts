import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sampleRecords } from '../../src/lab/events.ts'
import { stamped } from '../../src/lab/log-body.ts'
import { randomIndex, randomText, type Random, seededRandom } from '../../src/lab/random.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { formatKey } from '../../src/trail/key.ts'

/** A log as a listing shows it. */
export interface StoredLog {
  readonly key: string
  readonly sizeBytes: number
  readonly md5: string
  readonly modifiedMs: number
  /** Of a digest: what S3 keeps in the metadata of the object. */
  readonly signature?: string
}

export interface Spread {
  readonly count: number
  readonly logAccounts: number
  readonly days: number
}

const firstDayMs = Date.UTC(2025, 9, 1)
const dayMs = 86_400_000
const layout = { prefix: '' }
export const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const regions = [
  ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['eu-north-1', 'ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-southeast-1'],
  ['ap-southeast-2', 'ca-central-1', 'sa-east-1'],
].flat()

/** Keys that share one body. As in practice, some regions have many keys and others few. */
export function* syntheticLogs(spread: Spread, body: Buffer): Generator<StoredLog> {
  const random = seededRandom(7)
  const facts = { sizeBytes: body.length, md5: md5Of(body) }
  for (let index = 0; index < spread.count; index++) {
    // Each account and region has at least one key, because otherwise no tool would list it.
    const place = index < spread.logAccounts * regions.length ? index : undefined
    const { key, modifiedMs } = newKey(random, spread, place)
    yield { ...facts, key, modifiedMs }
  }
}

/** Writes logs of about 6 KB, real gzip, below a folder, each at its key; the same ones each time. */
export function writeLogs(folder: string, count: number): StoredLog[] {
  const random = seededRandom(1)
  const bodies = Array.from({ length: 200 }, () => bodyOf6Kilobytes(random))
  const spread = { count, logAccounts: 5, days: 7 }
  return Array.from({ length: count }, (_, index) => {
    const { key, modifiedMs } = newKey(random, spread, undefined)
    const body = stamped(bodies[index % bodies.length] ?? Buffer.alloc(0), index)
    const path = join(folder, key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, body)
    return { key, sizeBytes: body.length, md5: md5Of(body), modifiedMs }
  })
}

/** The event that one record in `logsPerRareEvent` logs has, and no other. */
export const rareEvent = 'DeleteFlowLogs'
export const logsPerRareEvent = 100
export const recordsPerLog = 53

/** Writes logs in which no two records are alike, about 8 KB of gzip each. */
export function writeVariedLogs(folder: string, count: number): StoredLog[] {
  const random = seededRandom(2)
  const spread = { count, logAccounts: 5, days: 7 }
  return Array.from({ length: count }, (_, index) => {
    const { key, modifiedMs, logAccount: account, region } = newKey(random, spread, undefined)
    const records = sampleRecords(random, {
      account,
      region,
      kind: 'events',
      count: recordsPerLog,
      fromMs: modifiedMs - 900_000,
      toMs: modifiedMs,
    })
    if (index % logsPerRareEvent === 0) records[0] = { ...records[0], eventName: rareEvent }
    const body = gzipSync(JSON.stringify({ Records: records }))
    const path = join(folder, key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, body)
    return { key, sizeBytes: body.length, md5: md5Of(body), modifiedMs }
  })
}

function newKey(random: Random, { logAccounts, days }: Spread, place: number | undefined) {
  const account = place === undefined ? randomIndex(random, logAccounts) : Math.floor(place / regions.length)
  const quiet = Math.min(Math.floor(-Math.log(1 - random()) / 0.35), regions.length - 1)
  const deliveredAtMs = firstDayMs + 300_000 * randomIndex(random, (days * dayMs) / 300_000)
  const logAccount = String(100_000_000_000 + 7 * account) as AccountId
  const region = regions[place === undefined ? quiet : place % regions.length] ?? 'us-east-1'
  const key = formatKey(
    { kind: 'events', logAccount, region, deliveredAtMs, random: randomText(random, alphanumerics, 16) },
    layout,
  )
  return { key, modifiedMs: deliveredAtMs, logAccount, region }
}

function bodyOf6Kilobytes(random: Random): Buffer {
  const records = sampleRecords(random, {
    account: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    count: 44 + randomIndex(random, 24),
    fromMs: firstDayMs - 900_000,
    toMs: firstDayMs,
  })
  return gzipSync(JSON.stringify({ Records: records }))
}

export function md5Of(body: Buffer): string {
  return createHash('md5').update(body).digest('hex')
}
