import { gzipSync } from 'node:zlib'
import type { Bucket } from '../../../src/lab/stored-bucket.ts'
import { pick, type Random, randomIndex, randomText } from '../../../src/lab/random.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { digestOf } from './stored-logs.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const places = [
  { logAccount: '222222222222' as AccountId, region: 'us-east-1' },
  { logAccount: '222222222222' as AccountId, region: 'eu-west-1' },
  { logAccount: '333333333333' as AccountId, region: 'us-east-1' },
] as const

/** A bucket to which logs are delivered over time, some of them hours late. Each has one unique event. */
export class GrowingArchive {
  readonly digests: Record<string, string> = {}
  readonly eventIds = new Set<string>()
  readonly #bucket: Bucket
  readonly #random: Random
  #nowMs: number

  constructor(bucket: Bucket, random: Random, startMs: number) {
    this.#bucket = bucket
    this.#random = random
    this.#nowMs = startMs
  }

  get keys(): string[] {
    return Object.keys(this.digests).sort()
  }

  /** Advances the clock by ten minutes and delivers that many logs. */
  deliver(count: number): void {
    this.#nowMs += 10 * minuteMs
    for (let at = 0; at < count; at++) {
      const lateMs = this.#random() < 0.2 ? this.#random() * 20 * hourMs : 0
      const deliveredAtMs = Math.floor((this.#nowMs - lateMs) / minuteMs) * minuteMs
      const random = randomText(this.#random, letters, 16)
      const key = formatKey({ ...pick(this.#random, places), kind: 'events', deliveredAtMs, random }, { prefix: '' })
      // Mostly a few hundred bytes, sometimes more than one write
      const ballast = randomText(
        this.#random,
        letters,
        this.#random() < 0.02 ? randomIndex(this.#random, 200_000) : 200,
      )
      const body = gzipSync(JSON.stringify({ Records: [{ eventID: random, ballast }] }))
      this.digests[key] = digestOf(body)
      this.eventIds.add(random)
      this.#bucket.put(key, body, { lastModifiedMs: this.#nowMs })
    }
  }
}
