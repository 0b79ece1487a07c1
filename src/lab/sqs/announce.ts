import { randomIndex, type Random } from '../random.ts'
import type { Bucket } from '../stored-bucket.ts'
import type { StoredObject } from '../stored-object.ts'
import {
  announcementBody,
  type AnnouncementShape,
  type PutObject,
  type PutPlace,
  testBody,
} from './announcement-body.ts'
import type { Queue } from './stored-queue.ts'

/** How the objects of a bucket are announced, and what goes wrong on the way. Rates are probabilities for each message: 0 to 1. */
export interface AnnounceOptions {
  readonly shape: AnnouncementShape
  /** Only keys that begin and end so, as S3's filters. */
  readonly filter?: { readonly prefix?: string; readonly suffix?: string }
  /** When a message arrives, after the object was put, in milliseconds: a number, or a random one from a range. */
  readonly delayMs?: number | readonly [least: number, most: number]
  /** Messages that never arrive. */
  readonly lossRate?: number
  /** Messages that arrive twice. */
  readonly duplicateRate?: number
  /** Messages of which half is missing. */
  readonly spoilRate?: number
  /** Messages wait in the queue in a random order. */
  readonly shuffle?: boolean
  /** How many objects that are put in one turn of the event loop share a message. Default: 1. EventBridge's never do. */
  readonly objectsPerMessage?: number
  /** Also announces the objects that are there already. */
  readonly existing?: boolean
}

/** What a running announcing has done, for tests. */
export interface Announcing {
  /** The keys that arrived in a readable message, in the order of the puts. */
  readonly announced: readonly string[]
  /** The keys whose message was lost or spoiled. */
  readonly missing: readonly string[]
  /** Sends what waits for a full message. */
  flush(): void
  /** Announces nothing more. */
  stop(): void
}

/** Announces each object that is put into a bucket from now on, except by `putShared`. Sends the test message of the shape first. */
export function announce(
  bucket: Bucket,
  queue: Queue,
  random: Random,
  now: () => number,
  options: AnnounceOptions,
): Announcing {
  const announcer = new Announcer(bucket, queue, random, options)
  const test = testBody(options.shape, announcer.place, now())
  if (test !== undefined) queue.send(test)
  if (options.existing === true) {
    for (const key of bucket.keys()) {
      const object = bucket.get(key)
      if (object !== undefined) announcer.add(key, object)
    }
  }
  bucket.onPut.add(announcer.add)
  return announcer
}

class Announcer implements Announcing {
  readonly place: PutPlace
  readonly announced: string[] = []
  readonly missing: string[] = []
  readonly add: (key: string, object: StoredObject) => void
  readonly #bucket: Bucket
  readonly #queue: Queue
  readonly #random: Random
  readonly #options: AnnounceOptions
  #waiting: PutObject[] = []
  #sequence = 0

  constructor(bucket: Bucket, queue: Queue, random: Random, options: AnnounceOptions) {
    const { name, owner, region } = bucket
    this.place = { bucket: name, owner, region }
    this.#bucket = bucket
    this.#queue = queue
    this.#random = random
    this.#options = options
    this.add = (key, object) => this.#add(key, object)
  }

  flush(): void {
    const objects = this.#waiting
    if (objects.length === 0) return
    this.#waiting = []
    const { shape, lossRate = 0, duplicateRate = 0, spoilRate = 0, shuffle = false } = this.#options
    const keys = objects.map(({ key }) => key)
    // Each decision takes its number, so that one rate does not change what another one hits.
    const [isLost, isTwice, isSpoiled] = [lossRate, duplicateRate, spoilRate].map((rate) => this.#random() < rate)
    if (isLost === true) return void this.missing.push(...keys)
    const whole = announcementBody(shape, this.place, objects)
    const body = isSpoiled === true ? whole.slice(0, whole.length / 2) : whole
    ;(isSpoiled === true ? this.missing : this.announced).push(...keys)
    for (let copies = isTwice === true ? 2 : 1; copies > 0; copies--) {
      this.#queue.send(body, { delayMs: this.#delayMs(), shuffle: shuffle ? this.#random : undefined })
    }
  }

  stop(): void {
    this.flush()
    this.#bucket.onPut.delete(this.add)
  }

  #add(key: string, { body, etag, lastModifiedMs }: StoredObject): void {
    const { shape, filter = {}, objectsPerMessage = 1 } = this.#options
    if (!key.startsWith(filter.prefix ?? '') || !key.endsWith(filter.suffix ?? '')) return
    this.#waiting.push({ key, sizeBytes: body.length, etag, atMs: lastModifiedMs, sequence: this.#sequence++ })
    const most = shape.startsWith('eventbridge') ? 1 : objectsPerMessage
    if (this.#waiting.length >= most) this.flush()
    else if (this.#waiting.length === 1) setImmediate(() => this.flush())
  }

  #delayMs(): number {
    const { delayMs = 0 } = this.#options
    if (typeof delayMs === 'number') return delayMs
    const [least, most] = delayMs
    return least + randomIndex(this.#random, most - least + 1)
  }
}
