import { CrosstrailError } from '../error.ts'
import { CallRate } from './call-rate.ts'
import { Fifo } from './fifo.ts'
import { interrupted } from './interrupted.ts'
import { LoopLoad } from './loop-load.ts'

/** What a call told about the server: it answered, it asked to slow down, or it told nothing. */
export type Pace = 'answered' | 'slow-down' | 'unknown'

export interface PacerOptions {
  /** The ceiling, 1 to 512. */
  readonly maxConcurrency: number
  readonly initialConcurrency?: number
  /** Whether this thread has no time to spare: more calls at a time would only wait for it. */
  readonly isBusy?: () => boolean
}

interface Waiting {
  readonly admit: () => void
  readonly refuse: (error: CrosstrailError) => void
  readonly signal: AbortSignal | undefined
}

export const defaultInitialCalls = 16

/** With growth by one, the few refusals that any busy server gives would keep the bound at a handful. */
const growthPerRound = 8

/**
 * Bounds the calls under way and adapts the bound: while this thread has time to spare it doubles per round of answers until the first
 * `SlowDown`, then halves, and from there grows by a few per round. From the first `SlowDown` on the rate of calls is bounded as well.
 * One pacer per bucket and run.
 */
export class Pacer {
  #max: number
  readonly #isBusy: () => boolean
  readonly #rate = new CallRate()
  readonly #waiting = new Fifo<Waiting>()
  readonly #watched = new WeakSet<AbortSignal>()
  #limit: number
  #active = 0
  #slowedBefore = false
  /** Answers of calls that began before the last halving say nothing about the new bound: as many are let pass. */
  #deaf = 0
  #timer: NodeJS.Timeout | undefined
  #onLowered: (() => void)[] = []

  constructor({ maxConcurrency, initialConcurrency = defaultInitialCalls, isBusy }: PacerOptions) {
    this.#max = maxConcurrency
    this.#limit = Math.min(initialConcurrency, maxConcurrency)
    const load = new LoopLoad()
    this.#isBusy = isBusy ?? (() => load.isFull())
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  /**
   * Takes a place for a call; a promise where there is none yet. Whoever has one calls `leave`. Where `signal` is aborted before there is a
   * place the promise rejects with `interrupted`: a server that refuses everything would keep the last of them waiting for minutes.
   */
  enter(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#active < this.limit && this.#rate.take(performance.now()) === 0) {
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
    this.#max = Math.min(this.#max, maxConcurrency)
    this.#limit = Math.min(this.#limit, this.#max)
    if (this.#active > this.#max) await new Promise<void>((resolve) => this.#onLowered.push(resolve))
  }

  /** The call has ended. */
  leave(pace: Pace): void {
    this.#active--
    if (this.#onLowered.length > 0 && this.#active <= this.#max) this.#onLowered.splice(0).forEach((tell) => tell())
    this.#adapt(pace)
    this.#admit()
  }

  #admit(): void {
    while (this.#waiting.size > 0 && this.#active < this.limit && this.#timer === undefined) {
      const waitMs = this.#rate.take(performance.now())
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined
          this.#admit()
        }, Math.ceil(waitMs))
        return
      }
      this.#active++
      this.#waiting.shift()?.admit()
    }
  }

  #adapt(pace: Pace): void {
    if (pace === 'slow-down') this.#rate.refused(performance.now())
    else if (pace === 'answered') this.#rate.answered(performance.now())
    if (this.#deaf > 0) {
      this.#deaf--
      return
    }
    if (pace === 'slow-down') {
      this.#limit = Math.max(1, this.#limit / 2)
      this.#slowedBefore = true
      this.#deaf = this.#active
    } else if (pace === 'answered' && this.#limit < this.#max && !this.#isBusy()) {
      this.#limit = Math.min(this.#max, this.#limit + (this.#slowedBefore ? growthPerRound / this.#limit : 1))
    }
  }
}
