import type { AccountId } from './account-id.ts'
import { utcInstant } from './calendar.ts'
import { type Kind, kindFolder } from './kind.ts'
import type { DigestKey, LogKey, ParsedKey } from './parsed-key.ts'
import { isRegion } from './region.ts'

export const logExtension = '.json.gz'
const backfillSuffix = '_backfill'
const dayFolderLength = 'YYYY/MM/DD/'.length
const minuteStampLength = 'YYYYMMDDTHHmmZ'.length
const secondStampLength = 'YYYYMMDDTHHmmssZ'.length
const randomPattern = /^[A-Za-z0-9]{10,32}$/
// The length of the whole text limits the random part: a pattern that counts takes 1.5 times as long.
const restPattern = /^Z_[A-Za-z0-9]+\.json\.gz$/
const [shortestRest, longestRest] = [10, 32].map((random) => 'Z_'.length + random + logExtension.length) as [
  number,
  number,
]
const tokenPattern = /^[A-Za-z][\w-]*$/
const trailNamePattern = /^[\w.-]{3,128}$/

/**
 * Parses `YYYY/MM/DD/FILE` of a key, from `dayAt` on. The folders before it gave account, region and kind.
 * Returns undefined if the file name contradicts them or does not have a shape that CloudTrail writes.
 * Runs for each listed key, so regular expressions see short pieces only.
 */
export function parseFileName(
  key: string,
  dayAt: number,
  logAccount: AccountId,
  region: string,
  kind: Kind,
): ParsedKey | undefined {
  const folderDay = readDayFolder(key, dayAt)
  if (Number.isNaN(folderDay) || !key.endsWith(logExtension)) return undefined
  const fileAt = dayAt + dayFolderLength
  switch (kind) {
    case 'events':
    case 'insight':
      return parseDocumented(key, fileAt, folderDay, logAccount, region, kind)
    case 'network-activity':
    case 'aggregated':
      return parseLoose(key, fileAt, folderDay, logAccount, region, kind)
    case 'digest':
      return parseDigest(key, fileAt, folderDay, logAccount, region)
  }
}

function parseDocumented(
  key: string,
  fileAt: number,
  folderDay: number,
  logAccount: AccountId,
  region: string,
  kind: 'events' | 'insight',
): LogKey | undefined {
  const head = nameHead(logAccount, region, kind)
  if (!holdsAt(key, fileAt, head)) return undefined
  const stampAt = fileAt + head.length
  const deliveredAtMs = readStamp(key, stampAt, folderDay, false)
  if (deliveredAtMs === undefined) return undefined
  const random = readRandom(key, stampAt + minuteStampLength)
  return random && { logAccount, region, kind, deliveredAtMs, ...random }
}

// AWS does not document the names in these folders. Any token passes, with minutes or seconds, so that no log counts as a foreign object.
function parseLoose(
  key: string,
  fileAt: number,
  folderDay: number,
  logAccount: AccountId,
  region: string,
  kind: 'network-activity' | 'aggregated',
): LogKey | undefined {
  const tokenAt = fileAt + logAccount.length + 1
  const tokenEnd = key.lastIndexOf(`_${region}_`)
  if (!holdsAt(key, fileAt, `${logAccount}_`) || tokenEnd < tokenAt) return undefined
  const token = key.slice(tokenAt, tokenEnd)
  if (!tokenPattern.test(token)) return undefined

  const stampAt = tokenEnd + region.length + 2
  const seconds = key[stampAt + minuteStampLength - 1] !== 'Z'
  const deliveredAtMs = readStamp(key, stampAt, folderDay, seconds)
  if (deliveredAtMs === undefined) return undefined
  const random = readRandom(key, stampAt + (seconds ? secondStampLength : minuteStampLength))
  return (
    random && {
      logAccount,
      region,
      kind,
      deliveredAtMs,
      ...random,
      ...(token === kindFolder(kind) ? undefined : { token }),
      ...(seconds ? { seconds } : undefined),
    }
  )
}

// Parsed from the end, because the name of a trail may have underscores and the name of a region cannot.
function parseDigest(
  key: string,
  fileAt: number,
  folderDay: number,
  logAccount: AccountId,
  region: string,
): DigestKey | undefined {
  const head = nameHead(logAccount, region, 'digest')
  if (!holdsAt(key, fileAt, head)) return undefined
  const backfill = key.endsWith(backfillSuffix + logExtension)
  const stampAt = key.length - logExtension.length - (backfill ? backfillSuffix.length : 0) - secondStampLength
  const deliveredAtMs = readStamp(key, stampAt, folderDay, true)
  if (deliveredAtMs === undefined || key[stampAt - 1] !== '_') return undefined

  const names = key.slice(fileAt + head.length, stampAt - 1)
  const homeRegionAt = names.lastIndexOf('_') + 1
  const trailName = names.slice(0, Math.max(homeRegionAt - 1, 0))
  const homeRegion = names.slice(homeRegionAt)
  if (!trailNamePattern.test(trailName) || !isRegion(homeRegion)) return undefined
  return { logAccount, region, kind: 'digest', deliveredAtMs, trailName, homeRegion, backfill }
}

/** Returns the minute of the day in `HHmmZ_RANDOM.json.gz`, the end of a documented log's key from `at` on. NaN for anything else. */
export function minuteOfDay(key: string, at: number): number {
  const hour = readDigits(key, at, 2)
  const minute = readDigits(key, at + 2, 2)
  const restLength = key.length - at - 4
  const isRest = restLength >= shortestRest && restLength <= longestRest && restPattern.test(key.slice(at + 4))
  return isRest && hour <= 23 && minute <= 59 ? hour * 60 + minute : Number.NaN
}

/** Returns the position of the time of day in a key, after the region's prefix. Undefined for kinds whose names AWS does not document. */
export function timeOfDayAt(logAccount: AccountId, region: string, kind: Kind): number | undefined {
  if (kind !== 'events' && kind !== 'insight') return undefined
  return dayFolderLength + nameHead(logAccount, region, kind).length + 'YYYYMMDDT'.length
}

function nameHead(logAccount: AccountId, region: string, kind: Kind): string {
  return `${logAccount}_${kindFolder(kind)}_${region}_`
}

/** Whether a key has the text at that position. `slice` and `===` is five times as fast as `startsWith` in V8. */
export function holdsAt(key: string, at: number, text: string): boolean {
  return key.slice(at, at + text.length) === text
}

function readDayFolder(key: string, at: number): number {
  if (key[at + 4] !== '/' || key[at + 7] !== '/' || key[at + 10] !== '/') return Number.NaN
  return readDigits(key, at, 4) * 10_000 + readDigits(key, at + 5, 2) * 100 + readDigits(key, at + 8, 2)
}

function readStamp(key: string, at: number, folderDay: number, withSeconds: boolean): number | undefined {
  const zoneAt = at + (withSeconds ? secondStampLength : minuteStampLength) - 1
  if (key[at + 8] !== 'T' || key[zoneAt] !== 'Z' || readDigits(key, at, 8) !== folderDay) return undefined
  return utcInstant(
    Math.floor(folderDay / 10_000),
    Math.floor(folderDay / 100) % 100,
    folderDay % 100,
    readDigits(key, at + 9, 2),
    readDigits(key, at + 11, 2),
    withSeconds ? readDigits(key, at + 13, 2) : 0,
  )
}

function readRandom(key: string, at: number): Pick<LogKey, 'random' | 'joined'> | undefined {
  const joined = key[at] !== '_'
  const random = key.slice(joined ? at : at + 1, key.length - logExtension.length)
  if (!randomPattern.test(random)) return undefined
  return joined ? { random, joined } : { random }
}

function readDigits(key: string, at: number, count: number): number {
  let number = 0
  for (let index = at; index < at + count; index++) {
    const digit = key.charCodeAt(index) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    number = number * 10 + digit
  }
  return number
}
