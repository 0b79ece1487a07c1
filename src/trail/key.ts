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
 * What a key of the trail says, or undefined for a foreign one.
 * Strict: file name and folders must agree on account, region and day, and the day must exist. `formatKey` gives the key back.
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

/** `parseKey` for a key that a slice's listing gave: the same answer at less cost, since the slice says half of it. */
export function parseSliceKey(
  key: string,
  slice: Pick<Slice, 'prefix' | 'logAccount' | 'region' | 'kind'>,
): ParsedKey | undefined {
  if (!holdsAt(key, 0, slice.prefix)) return undefined
  return parseFileName(key, slice.prefix.length, slice.logAccount, slice.region, slice.kind)
}

/**
 * When the keys of one slice's listing were delivered; undefined for a key `parseSliceKey` does not know. Those of a day have all but the
 * time and the random part in common, which is compared at once: a key takes a third of the time.
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

/** The key of these parts. What is finer than the stamp is cut: seconds of a log, milliseconds of a digest. */
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
