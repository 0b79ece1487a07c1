import { inflateLog } from '../disk/inflate.ts'
import { CrosstrailError } from '../error.ts'
import { isWrongBody } from '../s3/retry.ts'
import { goneError } from '../s3/service-error.ts'
import { parseKey } from '../trail/key.ts'
import type { ListedObject } from '../trail/log-object.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Listing } from '../work/plan.ts'
import type { RunListener } from '../work/run-event.ts'
import type { ObjectReader } from './download.ts'
import type { ListedBody } from './listed-body.ts'
import { checkedBody } from './object-receiver.ts'
import type { Coverage } from './pull-coverage.ts'
import type { StreamName } from './pull-report.ts'
import { listFrom, type PullRules } from './pull-rules.ts'

/** The bucket, as each account whose session stands sees it. */
export interface DigestPlaces {
  readonly readers: Map<string, ObjectReader>
  readonly listings: Map<string, Listing>
}

interface DigestHost {
  readonly layout: TrailLayout
  readonly listener: RunListener
  readonly signal: AbortSignal
  /** Whether a log is one that this pull takes. */
  readonly isPulled: (log: StreamName, key: string) => boolean
}

/** A digest of the busiest hour is a small part of it. */
const maxDigestBytes = 256 * 1024 * 1024

/**
 * Reads the digests that were taken and not looked into, and notes in coverage which of their logs the bucket lacks. A log that coverage
 * does not know is looked for by a listing of its own before it is called missing. Returns whether a digest was looked into.
 */
export async function checkDigests(
  coverage: Coverage,
  rules: PullRules,
  places: DigestPlaces,
  host: DigestHost,
): Promise<boolean> {
  const digests = [...coverage.uncheckedDigests]
  const rest = digests.values()
  await Promise.all(
    Array.from({ length: Math.min(atATime, digests.length) }, async () => {
      for (const [key, listed] of rest) {
        if (host.signal.aborted) return
        if (await isChecked(key, listed, coverage, rules, places, host)) coverage.uncheckedDigests.delete(key)
      }
    }),
  )
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
): Promise<boolean> {
  try {
    const logs = await readDigest(key, listed, places, host.signal)
    for (const log of logs ?? []) await checkLog(log, coverage, rules, places, host)
    return logs !== undefined
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    if (error.code === 'interrupted') return false
    host.listener({
      type: 'note',
      level: 'warning',
      code: 'pull.digest-unread',
      message: `the digest ${key} was taken, and its logs were not looked for: ${error.message}`,
    })
    // A digest that can never be read is not asked for again and again. One that came wrong may come right in the next pull.
    return error.code.startsWith('object.') && !isWrongBody(error)
  }
}

/** Undefined where no account of this run can be asked. */
async function readDigest(
  key: string,
  known: ListedBody | undefined,
  { readers, listings }: DigestPlaces,
  signal: AbortSignal,
): Promise<string[] | undefined> {
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

function logsOf(text: string, key: string): string[] {
  let digest: unknown
  try {
    digest = JSON.parse(text)
  } catch (cause) {
    throw new CrosstrailError('object.not-a-digest', `${key} is no JSON`, { cause })
  }
  const { logFiles } = digest as { logFiles?: unknown }
  if (!Array.isArray(logFiles)) throw new CrosstrailError('object.not-a-digest', `${key} has no list of logs`)
  return logFiles.flatMap((file: { s3Object?: unknown }) => (typeof file.s3Object === 'string' ? [file.s3Object] : []))
}

async function checkLog(
  key: string,
  coverage: Coverage,
  rules: PullRules,
  { listings }: DigestPlaces,
  { layout, signal, isPulled }: DigestHost,
): Promise<void> {
  const parts = parseKey(key, layout)
  // Of a trail that was copied here from another prefix
  if (parts === undefined || !isPulled(parts, key)) return
  // A region whose every log is gone has no folder, and so no stream
  const stream = coverage.find(parts)
  if (parts.deliveredAtMs < Math.max(rules.sinceMs, listFrom(stream?.marks ?? {}, [], rules, true))) return
  const tail = stream === undefined ? '' : key.slice(stream.prefix.length)
  if (stream?.seen.has(tail) === true || stream?.owed.has(tail) === true) return
  if ((await findListed(key, listings, signal)) !== undefined) return
  coverage.stream(parts).missing.set(key, parts.deliveredAtMs)
}

/** The object as it is listed now. Asks one account after the other: one that may not look there says nothing. Throws the refusal if none may. */
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
