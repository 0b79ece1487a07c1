import { CallBounds } from '../../src/s3/call-bounds.ts'
import { CallTally } from '../../src/s3/call-tally.ts'
import { backoffMs, defaultRetryPolicy } from '../../src/s3/retry.ts'

/** Returns whether a server accepts a call at this time. */
export type Server = (nowMs: number) => boolean

export interface Work {
  /** The threads. Each has its own limits. */
  readonly clients?: number
  /** The maximum number of concurrent calls of all clients together. */
  readonly concurrency: number
  readonly latencyMs: number
  readonly random: () => number
  /** The simulation ends when this many calls were answered, or after this time. */
  readonly calls?: number
  readonly seconds?: number
  /** A plain loop makes as many calls as allowed and never slows down. */
  readonly plain?: boolean
}

export interface Result {
  readonly seconds: number
  /** The answered calls from `from` to `until` seconds after the start. */
  readonly perSecond: (from: number, until: number) => number
  readonly refused: (from: number, until: number) => number
  /** The refused share of all calls that ended. */
  readonly refusedShare: (from: number, until: number) => number
}

const tickMs = 0.5
const startMs = 1_700_000_000_300

/** Makes calls in simulated time, as `Calls` does: a refused call gives its place back and waits. No other call starts in its stead. */
export function simulate(server: Server, work: Work): Result {
  const { clients = 1, concurrency, latencyMs, random, calls = Infinity, seconds = Infinity, plain = false } = work
  const each = Math.floor(concurrency / clients)
  const tally = new CallTally()
  const all = Array.from(
    { length: clients },
    () => new Client(server, each, latencyMs, random, plain ? undefined : new CallTally(tally.shared)),
  )
  const answered: number[] = []
  const refused: number[] = []
  let left = calls
  let nowMs = startMs
  while (nowMs < startMs + seconds * 1000) {
    for (const client of all) {
      const ended = client.tick(nowMs, left)
      left -= ended.answered
      const tenth = Math.floor((nowMs - startMs) / 100)
      answered[tenth] = (answered[tenth] ?? 0) + ended.answered
      refused[tenth] = (refused[tenth] ?? 0) + ended.refused
    }
    if (left <= 0) break
    nowMs += tickMs
  }
  const sum = (counts: readonly number[], from: number, until: number) =>
    counts.slice(Math.round(from * 10), Math.round(until * 10)).reduce((total, count) => total + (count ?? 0), 0)
  return {
    seconds: (nowMs - startMs) / 1000,
    perSecond: (from, until) => sum(answered, from, until) / (until - from),
    refused: (from, until) => sum(refused, from, until),
    refusedShare: (from, until) => {
      const no = sum(refused, from, until)
      return no / (no + sum(answered, from, until))
    },
  }
}

interface Call {
  readonly atMs: number
  readonly attempt: number
  readonly isTaken: boolean
}

class Client {
  readonly #server: Server
  readonly #tasks: number
  readonly #latencyMs: number
  readonly #random: () => number
  readonly #bounds: CallBounds | undefined
  #underWay: Call[] = []
  #resting: { readonly atMs: number; readonly attempt: number }[] = []
  #ready: number[] = []

  constructor(server: Server, tasks: number, latencyMs: number, random: () => number, tally: CallTally | undefined) {
    this.#server = server
    this.#tasks = tasks
    this.#latencyMs = latencyMs
    this.#random = random
    this.#bounds =
      tally && new CallBounds({ maxConcurrency: tasks, initialConcurrency: 16, worthWith: () => Infinity, tally })
  }

  tick(nowMs: number, left: number): { answered: number; refused: number } {
    const ended = { answered: 0, refused: 0 }
    while (this.#underWay[0] !== undefined && this.#underWay[0].atMs <= nowMs) {
      const call = this.#underWay.shift()
      if (call === undefined) break
      if (call.isTaken) {
        ended.answered++
        this.#bounds?.answered(nowMs)
      } else {
        ended.refused++
        this.#bounds?.refused(nowMs)
        const restMs = backoffMs(call.attempt, defaultRetryPolicy, this.#random)
        this.#resting.push({ atMs: nowMs + restMs, attempt: call.attempt + 1 })
      }
    }
    this.#resting = this.#resting.filter(({ atMs, attempt }) => {
      if (atMs > nowMs) return true
      this.#ready.push(attempt)
      return false
    })
    for (;;) {
      const { length: underWay } = this.#underWay
      if (underWay >= (this.#bounds?.limit ?? Infinity)) break
      const isNew = this.#ready.length === 0
      const tasks = underWay + this.#resting.length + this.#ready.length
      if (isNew && (tasks >= this.#tasks || tasks >= left)) break
      if ((this.#bounds?.take(nowMs) ?? 0) > 0) break
      const attempt = this.#ready.shift() ?? 1
      this.#underWay.push({ atMs: nowMs + this.#latencyMs, attempt, isTaken: this.#server(nowMs) })
    }
    return ended
  }
}

/** Refuses this share of all calls. */
export function atRandom(share: number, random: () => number): Server {
  return () => random() >= share
}

/** Accepts this many calls in each second of the clock, like a counter that restarts every second. */
export function bySecond(limit: number): Server {
  let second = -1
  let calls = 0
  return (nowMs) => {
    if (Math.floor(nowMs / 1000) !== second) calls = 0
    second = Math.floor(nowMs / 1000)
    return ++calls <= limit
  }
}

/** Accepts this many calls per second, and `burst` at once after a pause. */
export function byBucket(limit: number, burst = limit / 10): Server {
  let tokens = burst
  let lastMs = 0
  return (nowMs) => {
    tokens = Math.min(burst, tokens + ((nowMs - lastMs) * limit) / 1000)
    lastMs = nowMs
    if (tokens < 1) return false
    tokens--
    return true
  }
}

/** Accepts what all of the servers accept. */
export function allOf(...servers: readonly Server[]): Server {
  return (nowMs) => servers.every((server) => server(nowMs))
}

/** One server until this many seconds after the start, another one afterwards. */
export function until(seconds: number, first: Server, second: Server): Server {
  return (nowMs) => (nowMs < startMs + seconds * 1000 ? first : second)(nowMs)
}

/** Accepts nothing between two times, in seconds after the start. */
export function outage(from: number, to: number): Server {
  return (nowMs) => nowMs < startMs + from * 1000 || nowMs >= startMs + to * 1000
}

/** Accepts nothing at the start of each period of this length. */
export function standstills(everyMs: number, lengthMs: number): Server {
  return (nowMs) => nowMs % everyMs >= lengthMs
}
