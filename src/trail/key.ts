import { type AccountId, isAccountId } from './account-id.ts'
import { dayMs, minuteMs } from './calendar.ts'
import { holdsAt, minuteOfDay, parseFileName, timeOfDayAt } from './file-name.ts'
import { logsBase, regionPrefix } from './key-prefix.ts'
import { kindFolder, kindOfFolder } from './kind.ts'
import type { DigestKey, LogKey, ParsedKey } from './parsed-key.ts'
import { ownText } from './own-text.ts'
import { isRegion } from './region.ts'
import type { Slice } from './slice.ts'
import { dayFolder, stampOf } from './stamp.ts'
import type { TrailLayout } from './trail.ts'

/**
 * Parses a key of the trail. Returns undefined for a foreign key.
 * Strict: file name and folders must agree on account, region and day, and the day must exist. `formatKey` returns the same key.
 */
export function parseKey(key: string, layout: TrailLayout): ParsedKey | undefined {
  const base = logsBase(layout)
  if (!holdsAt(key, 0, base)) return undefined
  const folderAt = base.length + 13
  const regionAt = key.indexOf('/', folderAt) + 1
  if (regionAt === 0 || key[folderAt - 1] !== '/') return undefined
  const dayAt = key.indexOf('/', regionAt) + 1
  if (dayAt === 0) return undefined

  const logAccount = key.slice(base.length, folderAt - 1)
  const kind = kindOfFolder(key.slice(folderAt, regionAt - 1))
  const region = key.slice(regionAt, dayAt - 1)
  if (kind === undefined || !isAccountId(logAccount) || !isRegion(region)) return undefined
  return parseFileName(key, dayAt, logAccount, region, kind)
}

/** Same as `parseKey` for a key from a slice's listing, but cheaper, because the slice has half of the parts. */
export function parseSliceKey(
  key: string,
  slice: Pick<Slice, 'prefix' | 'logAccount' | 'region' | 'kind'>,
): ParsedKey | undefined {
  if (!holdsAt(key, 0, slice.prefix)) return undefined
  return parseFileName(key, slice.prefix.length, slice.logAccount, slice.region, slice.kind)
}

/**
 * Returns a function that gives the delivery time of each key of a slice's listing; undefined for a key that `parseSliceKey` refuses.
 * Keys of one day differ only in the time and the random part. Comparing the rest in one step takes a third of the time.
 */
export function deliveryTimes(
  slice: Pick<Slice, 'prefix' | 'logAccount' | 'region' | 'kind'>,
): (key: string) => number | undefined {
  const timeAt = timeOfDayAt(slice.logAccount, slice.region, slice.kind)
  let day = { text: '\0', startsAtMs: 0 }
  return (key) => {
    if (holdsAt(key, 0, day.text)) {
      const minute = minuteOfDay(key, day.text.length)
      if (!Number.isNaN(minute)) return day.startsAtMs + minute * minuteMs
    }
    const deliveredAtMs = parseSliceKey(key, slice)?.deliveredAtMs
    if (deliveredAtMs !== undefined && timeAt !== undefined) {
      const text = ownText(key.slice(0, slice.prefix.length + timeAt))
      day = { text, startsAtMs: deliveredAtMs - (deliveredAtMs % dayMs) }
    }
    return deliveredAtMs
  }
}

/** Returns the key of these parts. Cuts time to the precision of the stamp: minutes for a log, seconds for a digest. */
export function formatKey(parts: ParsedKey, layout: TrailLayout): string {
  const { logAccount, kind, region, deliveredAtMs } = parts
  const folder = regionPrefix(layout, logAccount, kind, region) + dayFolder(deliveredAtMs)
  return folder + (parts.kind === 'digest' ? digestFileName(parts) : logFileName(parts))
}

function digestFileName(parts: DigestKey): string {
  const head = fileNameHead(parts.logAccount, kindFolder('digest'), parts.region)
  const stamp = stampOf(parts.deliveredAtMs, 'second')
  return `${head}${parts.trailName}_${parts.homeRegion}_${stamp}Z${parts.backfill ? '_backfill' : ''}.json.gz`
}

function logFileName(parts: LogKey): string {
  const head = fileNameHead(parts.logAccount, parts.token ?? kindFolder(parts.kind), parts.region)
  const stamp = stampOf(parts.deliveredAtMs, parts.seconds === true ? 'second' : 'minute')
  return `${head}${stamp}Z${parts.joined === true ? '' : '_'}${parts.random}.json.gz`
}

function fileNameHead(logAccount: AccountId, token: string, region: string): string {
  return `${logAccount}_${token}_${region}_`
}
