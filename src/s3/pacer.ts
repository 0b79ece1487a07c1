import { CrosstrailError } from '../error.ts'
import { CallBounds } from './call-bounds.ts'
import { CallTally } from './call-tally.ts'
import { Fifo } from './fifo.ts'
import { interrupted } from './interrupted.ts'
import { LoopLoad } from './loop-load.ts'

/** What a call told about the server: it answered, it asked to slow down, or it told nothing. */
export type Pace = 'answered' | 'slow-down' | 'unknown'

export interface PacerOptions {
  /** The ceiling, 1 to 512. */
  readonly maxConcurrency: number
  readonly initialConcurrency?: number
  /** How many calls at a time this thread has time for, if so many are allowed now. */
  readonly worthWith?: (limit: number) => number
  /** Of all the threads that call the same bucket. */
  readonly tally?: CallTally | undefined
}

interface Waiting {
  readonly admit: () => void
  readonly refuse: (error: CrosstrailError) => void
  readonly signal: AbortSignal | undefined
}

export const defaultInitialCalls = 16

/** While calls wait for their turn the rate may rise. */
const longestLookAwayMs = 100

/**
 * Bounds the calls under way, and their rate, as `CallBounds` says. Those that are too many wait in line.
 * One pacer per bucket and run.
 */
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
    this.#bounds = new CallBounds({ maxConcurrency, initialConcurrency, worthWith, tally })
  }

  get limit(): number {
    return this.#bounds.limit
  }

  /**
   * Takes a place for a call; a promise where there is none yet. Whoever has one calls `leave`. Where `signal` is aborted before there is a
   * place the promise rejects with `interrupted`: a server that refuses everything would keep the last of them waiting for minutes.
   */
  enter(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#active < this.limit && this.#bounds.take(clockMs()) === 0) {
      this.#active++
      return undefined
    }
    if (signal?.aborted === true) return Promise.reject(interrupted(signal))
    if (signal !== undefined) this.#watch(signal)
    // The one who frees a place takes it for the one who waits, so that nobody slips in between.
    const admitted = new Promise<void>((admit, refuse) => this.#waiting.push({ admit, refuse, signal }))
    this.#admit()
    return admitted
  }

  /** One listener for all the calls of a run. */
  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return
    this.#watched.add(signal)
    const giveUp = () => {
      const givenUp = this.#waiting.take((one) => one.signal === signal)
      for (const { refuse } of givenUp) refuse(interrupted(signal))
    }
    signal.addEventListener('abort', giveUp, { once: true })
  }

  /** A lower ceiling. Resolves when no more calls are under way than it allows. */
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

/** The same in all threads, and it never goes back. */
function clockMs(): number {
  return performance.timeOrigin + performance.now()
}
