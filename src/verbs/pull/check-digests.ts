import { inflateLog } from '../../disk/inflate.ts'
import { CrosstrailError } from '../../error.ts'
import { isWrongBody } from '../../s3/retry.ts'
import { goneError } from '../../s3/service-error.ts'
import { parseKey } from '../../trail/key.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import type { TrailLayout } from '../../trail/trail.ts'
import type { Listing } from '../../work/plan.ts'
import type { RunListener } from '../../work/run-event.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import type { ListedBody } from '../../sinks/listed-body.ts'
import { checkedBody } from '../../sinks/object-receiver.ts'
import type { Coverage } from './coverage.ts'
import type { StreamName } from './report.ts'
import { listFrom, type PullRules } from './rules.ts'

/** The bucket through each account whose session is open, by label. */
export interface DigestPlaces {
  readonly readers: Map<string, ObjectReader>
  readonly listings: Map<string, Listing>
}

interface DigestHost {
  readonly layout: TrailLayout
  readonly listener: RunListener
  readonly signal: AbortSignal
  readonly isPulled: (log: StreamName, key: string) => boolean
}

const maxDigestBytes = 256 * 1024 * 1024

/**
 * Reads the digests that were taken but not checked yet, and records in coverage which of their logs the bucket does not have. If coverage does
 * not know a log, a listing looks for it before it counts as missing. Returns whether any digest was checked.
 */
export async function checkDigests(
  coverage: Coverage,
  rules: PullRules,
  places: DigestPlaces,
  host: DigestHost,
): Promise<boolean> {
  const digests = [...coverage.uncheckedDigests]
  const rest = digests.values()
  const elsewhere: Elsewhere = new Map()
  await Promise.all(
    Array.from({ length: Math.min(atATime, digests.length) }, async () => {
      for (const [key, listed] of rest) {
        if (host.signal.aborted) return
        if (await isChecked(key, listed, coverage, rules, places, host, elsewhere))
          coverage.uncheckedDigests.delete(key)
      }
    }),
  )
  tellElsewhere(elsewhere, coverage.trail.bucket, host.listener)
  return coverage.uncheckedDigests.size < digests.length
}

const atATime = 32

async function isChecked(
  key: string,
  listed: ListedBody | undefined,
  coverage: Coverage,
  rules: PullRules,
  places: DigestPlaces,
  host: DigestHost,
  elsewhere: Elsewhere,
): Promise<boolean> {
  try {
    const logs = await readDigest(key, listed, places, host.signal)
    for (const log of logs ?? []) {
      if (!(await isMissing(log.key, coverage, rules, places, host))) continue
      const other = otherBucketOf(log, coverage.trail.bucket)
      if (other === undefined) coverage.noteMissing(log.key)
      else noteElsewhere(elsewhere, other, key)
    }
    return logs !== undefined
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    if (error.code === 'interrupted') return false
    host.listener({
      type: 'note',
      level: 'warning',
      code: 'pull.digest-unread',
      message: `took the digest ${key}, but could not check its logs: ${error.message}`,
    })
    // A digest that can never be read is not requested again. One with a wrong body may be right in the next pull.
    return error.code.startsWith('object.') && !isWrongBody(error)
  }
}

/** An access point's alias differs from its bucket's name, so it is not compared. */
function otherBucketOf({ bucket }: ListedLog, here: string): string | undefined {
  return bucket === here || here.endsWith('-s3alias') ? undefined : bucket
}

/** Missing logs that digests list in other buckets, by bucket: how many, and the first digest. */
type Elsewhere = Map<string, { logs: number; readonly digest: string }>

function noteElsewhere(elsewhere: Elsewhere, bucket: string, digest: string): void {
  const known = elsewhere.get(bucket)
  if (known === undefined) elsewhere.set(bucket, { logs: 1, digest })
  else known.logs += 1
}

/** The trail delivered to another bucket at that time, or the digests are copies. So these logs are not a gap of this bucket. */
function tellElsewhere(elsewhere: Elsewhere, here: string, listener: RunListener): void {
  for (const [bucket, { logs, digest }] of elsewhere) {
    listener({
      type: 'note',
      level: 'warning',
      code: 'pull.digest-of-other-bucket',
      message: `digests list ${logs} ${logs === 1 ? 'log' : 'logs'} in the bucket ${bucket} that ${here} does not have (first digest: ${digest}): pull that bucket too`,
    })
  }
}

/** Returns the logs of a digest, or undefined if no account of this run has an open session. */
async function readDigest(
  key: string,
  known: ListedBody | undefined,
  { readers, listings }: DigestPlaces,
  signal: AbortSignal,
): Promise<ListedLog[] | undefined> {
  if (readers.size === 0) return undefined
  const listed = known ?? (await findListed(key, listings, signal))
  if (listed === undefined) throw goneError(key, undefined)
  if (listed.sizeBytes > maxDigestBytes) {
    throw new CrosstrailError('object.inflates-too-much', `the digest ${key} has more than ${maxDigestBytes} bytes`)
  }
  let refused: unknown
  for (const reader of readers.values()) {
    try {
      const body = await reader.get(listed, () => checkedBody(listed), signal)
      return logsOf(inflateLog(body, { maxInflatedBytes: maxDigestBytes }).toString('utf8'), key)
    } catch (error) {
      if (!(error instanceof CrosstrailError) || !error.code.startsWith('access.')) throw error
      refused = error
    }
  }
  throw refused
}

interface ListedLog {
  readonly key: string
  readonly bucket: string | undefined
}

function logsOf(text: string, key: string): ListedLog[] {
  let digest: unknown
  try {
    digest = JSON.parse(text)
  } catch (cause) {
    throw new CrosstrailError('object.not-a-digest', `${key} is not JSON`, { cause })
  }
  const { logFiles } = digest as { logFiles?: unknown }
  if (!Array.isArray(logFiles)) throw new CrosstrailError('object.not-a-digest', `${key} has no list of logs`)
  return logFiles.flatMap(({ s3Object, s3Bucket }: { s3Object?: unknown; s3Bucket?: unknown }) =>
    typeof s3Object === 'string'
      ? [{ key: s3Object, bucket: typeof s3Bucket === 'string' ? s3Bucket : undefined }]
      : [],
  )
}

async function isMissing(
  key: string,
  coverage: Coverage,
  rules: PullRules,
  { listings }: DigestPlaces,
  { layout, signal, isPulled }: DigestHost,
): Promise<boolean> {
  const parts = parseKey(key, layout)
  // The key does not parse if the digest was copied from a trail with another prefix.
  if (parts === undefined || !isPulled(parts, key)) return false
  // A region without any log left has no folder, and so no stream.
  const stream = coverage.find(parts)
  if (parts.deliveredAtMs < Math.max(rules.sinceMs, listFrom(stream?.marks ?? {}, [], rules, true))) return false
  const tail = stream === undefined ? '' : key.slice(stream.prefix.length)
  if (stream?.seen.has(tail) === true || stream?.owed.has(tail) === true) return false
  return (await findListed(key, listings, signal)) === undefined
}

/** Lists the object with one account after the other, because one that may not list there cannot tell. Throws the refusal if none may. */
async function findListed(
  key: string,
  listings: ReadonlyMap<string, Listing>,
  signal: AbortSignal,
): Promise<ListedObject | undefined> {
  let refused: unknown
  for (const listing of listings.values()) {
    try {
      const page = await listing.listPage({ prefix: key }, signal)
      return page.objects.find((object) => object.key === key)
    } catch (error) {
      if (!(error instanceof CrosstrailError) || !error.code.startsWith('access.')) throw error
      refused = error
    }
  }
  throw refused ?? new CrosstrailError('access.not-reached', `no account of this run could look for ${key}`)
}
