import { firstIndex } from '../../src/lab/key-page.ts'
import type { ListPage } from '../../src/s3/list-page.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/trail/calendar.ts'
import { formatKey } from '../../src/trail/key.ts'
import type { ListedObject } from '../../src/trail/log-object.ts'
import type { Listing } from '../../src/work/plan.ts'

export const startMs = Date.UTC(2026, 8, 1)
export const simulatedDays = 60

interface Delivery {
  readonly atMs: number
  readonly key: string
}

/** A bucket with CloudTrail's worst deliveries: late, out of order, twice, in bursts, in new places, and with dates in the future. */
export class SimulatedTrail {
  /** The clock of S3. */
  nowMs = startMs
  readonly objects = new Map<string, ListedObject>()
  readonly stamps = new Map<string, number>()
  /** Called for each log that is delivered, with the one that comes next. */
  onDelivered: (key: string, next: string | undefined) => void = () => undefined
  readonly #random: () => number
  readonly #deliveries: Delivery[]
  #next = 0
  #sorted: string[] = []

  constructor(random: () => number) {
    this.#random = random
    this.#deliveries = this.#plan().toSorted((a, b) => a.atMs - b.atMs)
    this.advance(0)
  }

  /** Advances the clock, and delivers the logs that are due. */
  advance(byMs: number): void {
    this.nowMs += byMs
    for (; (this.#deliveries[this.#next]?.atMs ?? Infinity) <= this.nowMs; this.#next++) {
      const delivery = this.#deliveries[this.#next]
      if (delivery !== undefined) this.#put(delivery.key)
    }
  }

  /** Delivers the next two logs at once. During a listing, they may sort before or after its position. */
  rush(): void {
    for (let count = 0; count < 2; count++) {
      const { key } = this.#deliveries[this.#next] ?? {}
      if (key === undefined || (this.stamps.get(key) ?? Infinity) > this.nowMs) return
      this.#next++
      this.#put(key)
    }
  }

  /** Returns small pages, so that listings have many. */
  list({ prefix, startAfter, token, delimiter }: Parameters<Listing['listPage']>[0]): ListPage {
    const after = token ?? startAfter ?? ''
    const objects: ListedObject[] = []
    const commonPrefixes: string[] = []
    const first = firstIndex(this.#sorted, (key) => key < prefix || key <= after)
    for (let index = first; index < this.#sorted.length; index++) {
      const key = this.#sorted[index] ?? ''
      if (!key.startsWith(prefix)) break
      const cut = delimiter === undefined ? -1 : key.indexOf('/', prefix.length)
      if (cut >= 0) {
        const folder = key.slice(0, cut + 1)
        if (commonPrefixes.at(-1) !== folder) commonPrefixes.push(folder)
        continue
      }
      const object = this.objects.get(key)
      if (object !== undefined) objects.push(object)
      if (objects.length === pageSize) return { objects, commonPrefixes, nextToken: key, answeredAtMs: this.nowMs }
    }
    return { objects, commonPrefixes, nextToken: undefined, answeredAtMs: this.nowMs }
  }

  #put(key: string): void {
    if (!this.objects.has(key)) {
      this.#sorted.splice(
        firstIndex(this.#sorted, (other) => other < key),
        0,
        key,
      )
    }
    // An object appears a little later than its date, and S3 stores whole seconds.
    const cameMs = this.nowMs - Math.floor(this.#random() * minuteMs)
    const isDatedWrong = this.#random() < 0.02
    const aheadMs = isDatedWrong ? this.#random() ** 4 * 1000 * dayMs : 0
    this.objects.set(key, {
      key,
      sizeBytes: 100,
      etag: '0'.repeat(32),
      lastModifiedMs: Math.floor((cameMs + aheadMs) / secondMs) * secondMs,
      storageClass: 'STANDARD',
    })
    this.onDelivered(key, this.#deliveries[this.#next + 1]?.key)
  }

  #plan(): Delivery[] {
    const deliveries: Delivery[] = []
    const places = [
      { logAccount: '222222222222', region: 'us-east-1', kind: 'events', fromDay: -3 },
      { logAccount: '222222222222', region: 'us-east-1', kind: 'insight', fromDay: -1 },
      { logAccount: '222222222222', region: 'eu-west-1', kind: 'events', fromDay: this.#random() * 40 },
      { logAccount: '333333333333', region: 'eu-west-1', kind: 'events', fromDay: this.#random() * 50 },
    ] as const
    for (const { logAccount, region, kind, fromDay } of places) {
      let atMs = startMs + fromDay * dayMs
      while (atMs < startMs + simulatedDays * dayMs) {
        const burst = this.#random() < 0.1 ? 2 + Math.floor(this.#random() * 6) : 1
        for (let count = 0; count < burst; count++) {
          const stampMs = Math.floor(atMs / minuteMs) * minuteMs
          const random = Array.from({ length: 16 }, () => letters[Math.floor(this.#random() * letters.length)]).join('')
          const key = formatKey(
            { logAccount: logAccount as AccountId, region, kind, deliveredAtMs: stampMs, random },
            { prefix: '' },
          )
          this.stamps.set(key, stampMs)
          deliveries.push({ atMs: atMs + this.#lateMs(), key })
          if (this.#random() < 0.1) deliveries.push({ atMs: atMs + this.#lateMs(), key })
        }
        atMs += this.#random() * 80 * hourMs
      }
    }
    return deliveries
  }

  /** Mostly minutes, sometimes hours, and rarely up to the thirty days for which CloudTrail retries a broken trail. */
  #lateMs(): number {
    const roll = this.#random()
    if (roll < 0.7) return this.#random() * 10 * minuteMs
    return this.#random() * (roll < 0.9 ? 20 * hourMs : 30 * dayMs - hourMs)
  }
}

const pageSize = 4
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
