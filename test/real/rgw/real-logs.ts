import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

/** Log objects by key. */
export type Logs = ReadonlyMap<string, Buffer>

const besideCheckout = path.resolve(import.meta.dirname, '../../../../shared/data/real')
const fileNamePattern =
  /^(?<account>\d{12})_CloudTrail_(?<region>[a-z0-9-]+)_(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)T\d{4}Z_\w+\.json\.gz$/

/**
 * Returns the published logs of a simulated attack, under CloudTrail's keys. `CROSSTRAIL_REAL_LOGS` is their folder, or `none`.
 * Default: a folder beside the checkout. Undefined if there are none. Throws if the named folder has none.
 */
export function realLogs(): Logs | undefined {
  const named = process.env['CROSSTRAIL_REAL_LOGS']
  if (named === 'none' || (named === undefined && !existsSync(besideCheckout))) return undefined
  const folder = named ?? besideCheckout
  const names = readdirSync(folder).filter((name) => fileNamePattern.test(name))
  if (names.length === 0) throw new Error(`no logs in ${folder}`)
  return new Map(names.map((name) => [keyOf(name), readFileSync(path.join(folder, name))]))
}

/** Returns the published logs, or if there are none, a few invented logs of the same shape. */
export function sampleLogs(): Logs {
  return realLogs() ?? madeUpLogs()
}

/** Returns the same bytes under the keys of another account, with its id in the folder and in the file name. */
export function rehome(logs: Logs, account: string): Logs {
  return new Map([...logs].map(([key, body]) => [keyOf(path.posix.basename(key).replace(/^\d{12}/, account)), body]))
}

/** Returns the same bytes under later keys, so that the newest was delivered in the minute of `newestMs`. */
export function redate(logs: Logs, newestMs: number): Logs {
  const stamps = [...logs.keys()].map(stampMsOf)
  const shiftMs = Math.floor((newestMs - Math.max(...stamps)) / 60_000) * 60_000
  return new Map(
    [...logs].map(([key, body]) => {
      const stamp = new Date(stampMsOf(key) + shiftMs).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
      return [keyOf(path.posix.basename(key).replace(stampPattern, `${stamp}Z`)), body]
    }),
  )
}

const stampPattern = /(?<=_)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z(?=_)/

function stampMsOf(key: string): number {
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0] = stampPattern.exec(key)?.map(Number) ?? []
  return Date.UTC(year, month - 1, day, hour, minute)
}

function madeUpLogs(): Logs {
  const minutes = Array.from({ length: 28 }, (_, minute) => String(minute).padStart(2, '0'))
  return new Map(
    minutes.map((minute) => [
      keyOf(`555555555555_CloudTrail_us-east-1_20230710T12${minute}Z_0123456789abcd${minute}.json.gz`),
      gzipSync(JSON.stringify({ Records: [{ eventVersion: '1.08', eventID: minute }] })),
    ]),
  )
}

function keyOf(name: string): string {
  const { account, region, year, month, day } = fileNamePattern.exec(name)?.groups ?? {}
  if (account === undefined) throw new Error(`not a log's file name: ${name}`)
  return `AWSLogs/${account}/CloudTrail/${region}/${year}/${month}/${day}/${name}`
}
