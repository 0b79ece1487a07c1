import { CrosstrailError } from '../error.ts'
import { CallBounds } from './call-bounds.ts'
import { CallTally } from './call-tally.ts'
import { Fifo } from './fifo.ts'
import { interrupted } from './interrupted.ts'
import { LoopLoad } from './loop-load.ts'

/** What a call showed about the server: it answered, it asked to slow down, or nothing. */
export type Pace = 'answered' | 'slow-down' | 'unknown'

export interface PacerOptions {
  /** The maximum number of concurrent calls, 1 to 512. */
  readonly maxConcurrency: number
  readonly initialConcurrency?: number
  /** How many concurrent calls this thread can handle, given the present limit. */
  readonly worthWith?: (limit: number) => number
  /** Counts the calls of all threads to the same bucket. */
  readonly tally?: CallTally | undefined
  /** Returns how many calls may start per second at most. It is asked for each call. Default: no limit. */
  readonly mostPerSecond?: (() => number) | undefined
}

interface Waiting {
  readonly admit: () => void
  readonly refuse: (error: CrosstrailError) => void
  readonly signal: AbortSignal | undefined
}

export const defaultInitialCalls = 16

/** The longest wait of a timer: the rate may rise while calls wait for their turn. */
const longestLookAwayMs = 100

/** Limits concurrent calls and their rate, as `CallBounds` decides. Further calls wait in a queue. There is one pacer per bucket and run. */
export class Pacer {
  readonly #bounds: CallBounds
  readonly #waiting = new Fifo<Waiting>()
  readonly #watched = new WeakSet<AbortSignal>()
  #active = 0
  #timer: NodeJS.Timeout | undefined
  #onLowered: (() => void)[] = []

  constructor(options: PacerOptions) {
    const { maxConcurrency, initialConcurrency = defaultInitialCalls, tally = new CallTally() } = options
    const load = new LoopLoad()
    const worthWith = options.worthWith ?? ((limit) => load.worthWith(limit))
    this.#bounds = new CallBounds({
      maxConcurrency,
      initialConcurrency,
      worthWith,
      tally,
      mostPerSecond: options.mostPerSecond,
    })
  }

  get limit(): number {
    return this.#bounds.limit
  }

  /** Calls that are under way or wait, as a share of the limit. Above 1 calls wait. */
  get load(): number {
    return (this.#active + this.#waiting.size) / this.limit
  }

  /**
   * Takes a place for a call. Returns a promise if there is none yet. The caller must call `leave` afterwards. If `signal` is aborted first,
   * the promise rejects with `interrupted`: with a server that refuses everything, the last calls would otherwise wait for minutes.
   */
  enter(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#active < this.limit && this.#bounds.take(clockMs()) === 0) {
      this.#active++
      return undefined
    }
    if (signal?.aborted === true) return Promise.reject(interrupted(signal))
    if (signal !== undefined) this.#watch(signal)
    // `#admit` takes the place on behalf of the waiting call, so that no other call can take it first.
    const admitted = new Promise<void>((admit, refuse) => this.#waiting.push({ admit, refuse, signal }))
    this.#admit()
    return admitted
  }

  /** Adds one listener for all calls of a run. */
  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return
    this.#watched.add(signal)
    const giveUp = () => {
      const givenUp = this.#waiting.take((one) => one.signal === signal)
      for (const { refuse } of givenUp) refuse(interrupted(signal))
    }
    signal.addEventListener('abort', giveUp, { once: true })
  }

  /** Lowers the maximum number of concurrent calls. Resolves once no more than that are pending. */
  async lower(maxConcurrency: number): Promise<void> {
    this.#bounds.lower(maxConcurrency)
    if (this.#active > this.#bounds.max) await new Promise<void>((resolve) => this.#onLowered.push(resolve))
  }

  leave(pace: Pace): void {
    this.#active--
    if (this.#onLowered.length > 0 && this.#active <= this.#bounds.max)
      this.#onLowered.splice(0).forEach((tell) => tell())
    if (pace === 'answered') this.#bounds.answered(clockMs())
    else if (pace === 'slow-down') this.#bounds.refused(clockMs())
    this.#admit()
  }

  #admit(): void {
    while (this.#waiting.size > 0 && this.#active < this.limit && this.#timer === undefined) {
      const waitMs = this.#bounds.take(clockMs())
      if (waitMs > 0) {
        this.#timer = setTimeout(
          () => {
            this.#timer = undefined
            this.#admit()
          },
          Math.min(longestLookAwayMs, Math.ceil(waitMs)),
        )
        return
      }
      this.#active++
      this.#waiting.shift()?.admit()
    }
  }
}

/** A monotonic clock that is the same in all threads. */
function clockMs(): number {
  return performance.timeOrigin + performance.now()
}
