import type { AccountId } from '../../trail/account-id.ts'
import { dayMs, hourMs, minuteMs } from '../../trail/calendar.ts'
import { parseKey } from '../../trail/key.ts'
import { accountPrefix, kindPrefix } from '../../trail/key-prefix.ts'
import { type Kind, kindOfFolder, kinds as allKinds } from '../../trail/kind.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { isRegion } from '../../trail/region.ts'
import { type Slice, sliceOf } from '../../trail/slice.ts'
import type { TrailLayout } from '../../trail/trail.ts'
import type { DoctorBucket } from './doctor-bucket.ts'

export interface Survey {
  readonly kinds: readonly Kind[]
  readonly regions: readonly string[]
  readonly logAccounts: readonly AccountId[]
  /** The newest logs that were found, oldest first. Empty if there are none. */
  readonly newest: readonly LogObject[]
}

/** An account that reads all may see hundreds of log accounts. */
const mostLogAccounts = 3
const recentMs = hourMs

/** Finds the newest logs with few listings: the last hour of every region, or if that is empty, the last year, month and day. */
export async function survey(
  wire: DoctorBucket['wire'],
  of: {
    readonly layout: TrailLayout
    readonly logAccounts: readonly AccountId[]
    readonly nowMs: number
    readonly signal: AbortSignal
  },
): Promise<Survey> {
  const logAccounts = of.logAccounts.slice(0, mostLogAccounts)
  const found = await Promise.all(
    logAccounts.map((logAccount) => new AccountSurvey(wire, { ...of, logAccount }).look()),
  )
  return {
    kinds: allKinds.filter((kind) => found.some(({ kinds }) => kinds.includes(kind))),
    regions: [...new Set(found.flatMap(({ regions }) => regions))].toSorted(),
    logAccounts,
    newest: found.flatMap(({ newest }) => newest).toSorted(byDelivery),
  }
}

function byDelivery(one: LogObject, other: LogObject): number {
  return one.deliveredAtMs - other.deliveredAtMs
}

interface AccountScope {
  readonly layout: TrailLayout
  readonly logAccount: AccountId
  readonly nowMs: number
  readonly signal: AbortSignal
}

class AccountSurvey {
  readonly #wire: DoctorBucket['wire']
  readonly #of: AccountScope

  constructor(wire: DoctorBucket['wire'], of: AccountScope) {
    this.#wire = wire
    this.#of = of
  }

  async look(): Promise<Pick<Survey, 'kinds' | 'regions' | 'newest'>> {
    const { layout, logAccount } = this.#of
    const kinds = (await this.#folders(accountPrefix(layout, logAccount)))
      .map(kindOfFolder)
      .filter((kind) => kind !== undefined)
    // Every AWS call makes events. The other kinds may deliver nothing for weeks.
    const kind = kinds.includes('events') ? 'events' : kinds.find((one) => one !== 'digest')
    if (kind === undefined) return { kinds, regions: [], newest: [] }
    const regions = (await this.#folders(kindPrefix(layout, logAccount, kind))).filter(isRegion)
    const slices = regions.map((region) =>
      sliceOf({
        layout,
        account: '',
        logAccount,
        region,
        kind,
        window: { fromMs: this.#of.nowMs - recentMs },
      }),
    )
    const found = await Promise.all(slices.map((slice) => this.#logs(slice.prefix, slice.startAfter)))
    const recent = found.map(({ logs }) => logs)
    if (recent.some((logs) => logs.length > 0)) return { kinds, regions, newest: recent.flatMap(lastOnes) }
    const older = await Promise.all(slices.map((slice) => this.#newestDay(slice)))
    return { kinds, regions, newest: older.flatMap(lastOnes) }
  }

  async #newestDay(slice: Slice): Promise<readonly LogObject[]> {
    let folder = slice.prefix
    for (const digits of [4, 2, 2]) {
      const last = (await this.#folders(folder)).findLast((name) => new RegExp(`^\\d{${digits}}$`).test(name))
      if (last === undefined) return []
      folder += `${last}/`
    }
    const { logs, cut } = await this.#logs(folder, undefined)
    const [first] = logs
    return cut && first !== undefined ? this.#lastOf(slice, folder, first.deliveredAtMs) : logs
  }

  /** The last logs of a day with more logs than `#logs` reads: a binary search by time. */
  async #lastOf(slice: Slice, folder: string, atMs: number): Promise<readonly LogObject[]> {
    let [fromMs, toMs] = [atMs, atMs + dayMs]
    let last: readonly LogObject[] = []
    while (toMs - fromMs > minuteMs) {
      const middleMs = (fromMs + toMs) / 2
      const { startAfter } = sliceOf({ ...slice, layout: this.#of.layout, window: { fromMs: middleMs } })
      const { logs, cut } = await this.#logs(folder, startAfter, 1)
      if (logs.length === 0) toMs = middleMs
      else {
        if (!cut) return logs
        last = logs
        fromMs = middleMs
      }
    }
    return last
  }

  async #folders(prefix: string): Promise<string[]> {
    const { commonPrefixes } = await this.#wire.listPage({ prefix, delimiter: '/' }, this.#of.signal)
    return commonPrefixes.map((folder) => folder.slice(prefix.length, -1))
  }

  /** Reads up to `mostPages` pages. `cut` means that there are more. */
  async #logs(
    prefix: string,
    startAfter: string | undefined,
    mostPages = 3,
  ): Promise<{ readonly logs: readonly LogObject[]; readonly cut: boolean }> {
    const { layout, signal } = this.#of
    const logs: LogObject[] = []
    let token: string | undefined
    for (let pages = 0; pages < mostPages; pages += 1) {
      const page = await this.#wire.listPage({ prefix, startAfter, token }, signal)
      for (const object of page.objects) {
        const parts = parseKey(object.key, layout)
        if (parts !== undefined) logs.push({ ...object, ...parts })
      }
      token = page.nextToken
      if (token === undefined) break
    }
    return { logs: logs.toSorted(byDelivery), cut: token !== undefined }
  }
}

/** Enough logs of each region to choose a small one. */
const keptOfRegion = 20

function lastOnes(logs: readonly LogObject[]): readonly LogObject[] {
  return logs.slice(-keptOfRegion)
}
