import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { CrosstrailError } from '../error.ts'
import type { FeedMessage, FeedNumbers, FeedOptions, FeedQueue, MessageFeed } from './feed-message.ts'
import type { ReceivedMessage } from './queue-client.ts'
import { Receipts } from './receipts.ts'
import { type LeaveReason, LeftMessages } from './left-messages.ts'

interface Queue extends FeedQueue {
  readonly receipts: Receipts
  readonly held: Map<string, ReceivedMessage>
  receivers: number
  /** The calls under way. Each may bring as many messages as a call can. */
  calls: number
  /** Whether the first receiver found no message, and none came since. */
  isEmpty: boolean
  problem: CrosstrailError | undefined
  /** The last extension. */
  extending: Promise<unknown>
}

const perCall = 10
const mostReceivers = 8
/** More messages than that wait in the queue, not here. With hundreds of queues, each still gets one call. */
const mostHeld = 2000
const mostShapes = 100
/** How long the calls in progress may take at the end. A message of a call that is given up stays hidden for a while. */
const lastCallsMs = 2000
const longestPauseMs = 60_000
const longestLeaveSeconds = 15 * 60

/** Receives from queues until it is closed, and holds messages until they are deleted or left. It outlives single pulls. */
export class QueueFeed implements MessageFeed {
  readonly #options: FeedOptions
  readonly #queues: readonly Queue[]
  readonly #waiting: FeedMessage[] = []
  readonly #shapes = new Map<string, number>()
  readonly #left = new Map<LeaveReason, number>()
  readonly #remaining = new LeftMessages()
  readonly #closing = new AbortController()
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #extending: NodeJS.Timeout
  readonly #visibilitySeconds: number
  #wakes: (() => void)[] = []
  #failure: unknown
  #received = 0
  #deleted = 0
  #ignored = 0

  constructor(options: FeedOptions) {
    this.#options = options
    this.#visibilitySeconds = options.visibilitySeconds ?? 60
    this.#queues = options.queues.map((queue) => ({
      ...queue,
      receipts: new Receipts(queue.client, {
        onFailed: (error) => options.onNote(error.code, `${queue.url}: ${error.message}`),
        onKept: () => this.#deleted--,
      }),
      held: new Map(),
      receivers: 0,
      calls: 0,
      isEmpty: false,
      problem: undefined,
      extending: Promise.resolve(),
    }))
    // All receivers listen to them.
    setMaxListeners(0, this.#closing.signal, this.#stop.signal)
    for (const queue of this.#queues) this.#start(queue, true)
    this.#extending = setInterval(() => this.#extend(), (this.#visibilitySeconds * 1000) / 3)
  }

  async next(signal: AbortSignal): Promise<readonly FeedMessage[]> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (signal.aborted || this.#closing.signal.aborted) return []
      if (this.#waiting.length > 0) return this.#waiting.splice(0)
      if (this.isDrained) return []
      const { problem } = this
      if (this.#options.drain && problem !== undefined) throw problem
      await this.#change(signal)
    }
  }

  /** True if it was opened to drain its queues, and they gave nothing more. Messages that were left may still be in them. */
  get isDrained(): boolean {
    return this.#options.drain && this.#queues.every(({ isEmpty, held }) => isEmpty && held.size === 0)
  }

  /** The error of a queue that does not answer at present. */
  get problem(): CrosstrailError | undefined {
    return this.#queues.find(({ problem }) => problem !== undefined)?.problem
  }

  /** How often each form of message came that was not understood. */
  get shapes(): ReadonlyMap<string, number> {
    return this.#shapes
  }

  numbers(nowMs = Date.now()): FeedNumbers {
    const held = this.#queues.flatMap((queue) => [...queue.held.values()])
    const ages = held.flatMap(({ sentAtMs }) => (sentAtMs === undefined ? [] : [nowMs - sentAtMs]))
    return {
      received: this.#received,
      deleted: this.#deleted,
      left: this.#left,
      ignored: this.#ignored,
      inFlight: held.length,
      oldestMs: ages.length === 0 ? undefined : Math.max(0, ...ages),
      remaining: this.#remaining.counts(nowMs),
      stuck: this.#remaining.counts(nowMs, this.#options.maxReceives),
    }
  }

  /** Receives no more, gives all messages back at once, and resolves when that is done. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#extending)
    const wait = new AbortController()
    const ended = Promise.all(this.#running).then(() => wait.abort())
    await sleep(lastCallsMs, undefined, { signal: wait.signal }).catch(() => undefined)
    this.#stop.abort()
    await ended
    await Promise.all(this.#queues.map((queue) => this.#giveBack(queue)))
  }

  async #giveBack(queue: Queue): Promise<void> {
    // An extension that ended later would hide again what is given back.
    await queue.extending
    for (const message of queue.held.values()) this.#leave(queue, message, 'interrupted')
    await queue.receipts.flush()
    queue.client.close()
  }

  #start(queue: Queue, isFirst: boolean): void {
    queue.receivers++
    const running = this.#receive(queue, isFirst)
      .catch((error: unknown) => {
        this.#failure ??= error
      })
      .finally(() => {
        queue.receivers--
        this.#running.delete(running)
        this.#wake()
      })
    this.#running.add(running)
  }

  /** The first receiver of a queue waits for messages. The others only help while each call is full. */
  async #receive(queue: Queue, isFirst: boolean): Promise<void> {
    const { drain, waitSeconds = drain ? 2 : 20 } = this.#options
    const asked = { max: perCall, visibilitySeconds: this.#visibilitySeconds, waitSeconds: isFirst ? waitSeconds : 0 }
    for (let failures = 0; !this.#closing.signal.aborted;) {
      if (this.#isFull()) {
        await this.#change(this.#closing.signal)
        continue
      }
      let messages: readonly ReceivedMessage[]
      queue.calls++
      try {
        messages = await queue.client.receive(asked, this.#stop.signal)
      } catch (error) {
        queue.calls--
        if (this.#stop.signal.aborted) return
        if (!(error instanceof CrosstrailError)) throw error
        this.#failed(queue, error)
        if (!isFirst) return
        await this.#pause(Math.min(longestPauseMs, 1000 * 2 ** failures++))
        continue
      }
      queue.calls--
      failures = 0
      queue.problem = undefined
      for (const message of messages) this.#take(queue, message)
      if (messages.length > 0) queue.isEmpty = false
      else if (isFirst) queue.isEmpty = true
      this.#wake()
      if (messages.length === perCall && queue.receivers < mostReceivers) this.#start(queue, false)
      if (!isFirst && messages.length < perCall) return
      if (isFirst && this.isDrained) return
    }
  }

  #failed(queue: Queue, error: CrosstrailError): void {
    if (queue.problem?.code !== error.code) this.#options.onNote(error.code, error.message)
    queue.problem = error
    this.#wake()
  }

  #take(queue: Queue, message: ReceivedMessage): void {
    this.#received++
    queue.held.set(message.receipt, message)
    const announcement = this.#options.read(message.body)
    switch (announcement.type) {
      case 'unknown': {
        this.#countShape(announcement.shape)
        return this.#leave(queue, message, 'unknown')
      }
      case 'test':
      case 'ignored':
        this.#ignored++
        return this.#done(queue, message)
      case 'logs':
        this.#waiting.push({
          objects: announcement.objects,
          sentAtMs: message.sentAtMs,
          done: () => this.#done(queue, message),
          leave: (reason) => this.#leave(queue, message, reason),
        })
    }
  }

  #countShape(shape: string): void {
    const count = this.#shapes.get(shape)
    if (count === undefined && this.#shapes.size >= mostShapes) return
    this.#shapes.set(shape, (count ?? 0) + 1)
    if (count === undefined) {
      this.#options.onNote('pull.unknown-message', `a message is not understood and stays in the queue: ${shape}`)
    }
  }

  #done(queue: Queue, { id, receipt }: ReceivedMessage): void {
    if (!queue.held.delete(receipt)) return
    this.#deleted++
    this.#remaining.remove(id)
    queue.receipts.delete(receipt)
    this.#wake()
  }

  #leave(queue: Queue, { id, receipt, receives }: ReceivedMessage, reason: LeaveReason): void {
    if (!queue.held.delete(receipt)) return
    this.#left.set(reason, (this.#left.get(reason) ?? 0) + 1)
    if (reason !== 'interrupted') this.#remaining.add(id, reason, receives, Date.now())
    queue.receipts.leave(receipt, leaveSeconds(reason, receives))
    this.#wake()
  }

  /** A message that cannot be extended is delivered again, which costs a call and loses nothing. */
  #extend(): void {
    for (const queue of this.#queues) {
      const { client, held } = queue
      if (held.size > 0) queue.extending = client.extend([...held.keys()], this.#visibilitySeconds)
    }
  }

  /** True if one more call could bring too many messages. */
  #isFull(): boolean {
    const expected = this.#queues.reduce((count, { held, calls }) => count + held.size + calls * perCall, 0)
    return expected + perCall > Math.max(mostHeld, this.#queues.length * perCall)
  }

  async #pause(waitMs: number): Promise<void> {
    await sleep(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }

  /** Resolves when something has changed, or the signal is aborted. */
  async #change(signal: AbortSignal): Promise<void> {
    let wake: () => void = () => undefined
    await new Promise<void>((resolve) => {
      wake = resolve
      this.#wakes.push(resolve)
      signal.addEventListener('abort', wake, { once: true })
      if (signal.aborted) resolve()
    })
    signal.removeEventListener('abort', wake)
    this.#wakes = this.#wakes.filter((each) => each !== wake)
  }
}

/** A message that failed often waits longer, so that it does not cost a call each minute until its redrive policy takes it. */
function leaveSeconds(reason: LeaveReason, receives: number): number {
  if (reason === 'interrupted') return 0
  const firstSeconds = reason === 'absent' ? 5 : 30
  return Math.min(longestLeaveSeconds, firstSeconds * 2 ** Math.min(receives - 1, 10))
}
