import { secondMs, minuteMs } from '../../src/trail/calendar.ts'
import type { FeedMessage, FeedNumbers, MessageFeed } from '../../src/queue/feed-message.ts'
import type { SimulatedPull } from './simulated-target.ts'
import type { SimulatedTrail } from './simulated-trail.ts'

interface Message {
  readonly keys: readonly string[]
  readonly bucket: string
  visibleAtMs: number
  /** Deliveries that have not ended. */
  held: number
}

/** A queue that loses, repeats, delays and reorders what it announces, and announces some logs too early. */
export class SimulatedQueue {
  /** What went wrong, in words. */
  readonly violations: string[] = []
  /** No log is announced from the first to the second of these times. */
  readonly #unsubscribedMs: readonly [number, number]
  readonly #trail: SimulatedTrail
  readonly #random: () => number
  readonly #messages = new Set<Message>()
  #gathered: string[] = []
  /** Messages that are done, but whose deletion was not sent yet. */
  #deleting: Message[] = []
  #feed: SimulatedFeed | undefined
  deleted = 0

  constructor(trail: SimulatedTrail, random: () => number, unsubscribedMs: readonly [number, number]) {
    this.#trail = trail
    this.#random = random
    this.#unsubscribedMs = unsubscribedMs
    trail.onDelivered = (key, next) => this.#announce(key, next)
  }

  /** The keys of the trail's bucket that are still in the queue. */
  get keys(): string[] {
    return [...this.#messages].filter(({ bucket }) => bucket === ownBucket).flatMap(({ keys }) => keys)
  }

  open(pull: SimulatedPull): MessageFeed {
    this.#feed = new SimulatedFeed(pull, {
      receive: () => this.#receive(),
      done: (message) => this.#done(message, pull),
      leave: (message, seconds) => this.#leave(message, seconds),
    })
    return this.#feed
  }

  /** Call it after each pull. `isKilled`: its held messages come again, and half of its last deletions were not sent. */
  closed(isKilled: boolean): void {
    this.#deleteAll(isKilled ? 0.5 : 1)
    const open = this.#feed?.open ?? 0
    if (!isKilled && open > 0) this.violations.push(`${open} messages were neither deleted, left nor given back`)
    for (const message of this.#messages) {
      if (message.held > 0) message.visibleAtMs = this.#trail.nowMs + minuteMs
      message.held = 0
    }
    this.#feed = undefined
  }

  #announce(key: string, next: string | undefined): void {
    const { nowMs } = this.#trail
    if (nowMs >= this.#unsubscribedMs[0] && nowMs < this.#unsubscribedMs[1]) return
    const random = this.#random
    if (random() < 0.1) return
    this.#gathered.push(key)
    if (random() < 0.1 && next !== undefined) this.#gathered.push(next)
    // CloudTrail may name several logs in one message.
    if (random() < 0.3) return
    const copies = random() < 0.15 ? 2 : 1
    for (let copy = 0; copy < copies; copy++) this.#send(this.#gathered, ownBucket)
    this.#gathered = []
    if (random() < 0.05) this.#send([key], 'another-bucket')
  }

  #send(keys: readonly string[], bucket: string): void {
    const random = this.#random
    const delayMs = random() < 0.9 ? random() * minuteMs : random() * 600 * minuteMs
    this.#messages.add({ keys, bucket, visibleAtMs: this.#trail.nowMs + delayMs, held: 0 })
  }

  /** Returns some messages in no order. Rarely, one that is in work comes again. */
  #receive(): Message[] {
    if (this.#random() < 0.5) this.#deleteAll(1)
    const { nowMs } = this.#trail
    const isThere = ({ held, visibleAtMs }: Message) =>
      held === 0 ? visibleAtMs <= nowMs : held < 3 && this.#random() < 0.05
    const there = [...this.#messages].filter(isThere)
    const received: Message[] = []
    for (let count = 1 + Math.floor(this.#random() * 10); count > 0 && there.length > 0; count--) {
      received.push(...there.splice(Math.floor(this.#random() * there.length), 1))
    }
    for (const message of received) message.held++
    return received
  }

  #done(message: Message, { lossOf }: SimulatedPull): void {
    message.held--
    for (const key of message.bucket === ownBucket ? message.keys : []) {
      const loss = lossOf(key)
      if (loss !== undefined) this.violations.push(`the message about ${key} was deleted, but ${loss}`)
    }
    this.#deleting.push(message)
  }

  #leave(message: Message, seconds: number): void {
    message.held--
    message.visibleAtMs = this.#trail.nowMs + seconds * secondMs
  }

  #deleteAll(likely: number): void {
    for (const message of this.#deleting.splice(0)) {
      if (this.#random() < likely && this.#messages.delete(message)) this.deleted++
    }
  }
}

interface QueueSide {
  readonly receive: () => Message[]
  readonly done: (message: Message) => void
  readonly leave: (message: Message, seconds: number) => void
}

/** Ends when the queue is empty three times in a row. A pull that was killed changes nothing any more. */
class SimulatedFeed implements MessageFeed {
  /** Messages that have not ended. */
  open = 0
  readonly #pull: SimulatedPull
  readonly #queue: QueueSide

  constructor(pull: SimulatedPull, queue: QueueSide) {
    this.#pull = pull
    this.#queue = queue
  }

  async next(signal: AbortSignal): Promise<readonly FeedMessage[]> {
    for (let empty = 0; empty < 3 && !signal.aborted; empty++) {
      await this.#pull.step()
      if (signal.aborted) break
      const received = this.#queue.receive()
      if (received.length > 0) return received.map((message) => this.#handed(message))
    }
    return []
  }

  numbers(): FeedNumbers {
    const none = new Map<never, never>()
    return {
      received: 0,
      deleted: 0,
      left: none,
      ignored: 0,
      inFlight: this.open,
      oldestMs: undefined,
      remaining: none,
      stuck: none,
    }
  }

  #handed(message: Message): FeedMessage {
    this.open++
    let isOpen = true
    const end = (act: () => void): void => {
      if (!isOpen || this.#pull.isKilled()) return
      isOpen = false
      this.open--
      act()
    }
    const { keys, bucket } = message
    return {
      objects: keys.map((key) => ({ bucket, key })),
      sentAtMs: undefined,
      done: () => end(() => this.#queue.done(message)),
      leave: (reason) => end(() => this.#queue.leave(message, reason === 'interrupted' ? 0 : 30)),
    }
  }
}

const ownBucket = 'logs'
