/** What a call told about the server: it answered, it asked to slow down, or it told nothing. */
export type Pace = 'answered' | 'slow-down' | 'unknown'

export interface PacerOptions {
  /** The ceiling, 1 to 512. */
  readonly maxConcurrency: number
  readonly initialConcurrency?: number
}

/** With growth by one, the few refusals that any busy server gives would keep the bound at a handful. */
const growthPerRound = 8

/**
 * Bounds the calls under way and adapts the bound: it doubles per round of answers until the first `SlowDown`, then halves,
 * and from there grows by a few per round. One pacer per bucket and run.
 */
export class Pacer {
  readonly #max: number
  readonly #waiting: (() => void)[] = []
  #limit: number
  #active = 0
  #slowedBefore = false
  /** Answers of calls that began before the last halving say nothing about the new bound: as many are let pass. */
  #deaf = 0

  constructor({ maxConcurrency, initialConcurrency = 32 }: PacerOptions) {
    this.#max = maxConcurrency
    this.#limit = Math.min(initialConcurrency, maxConcurrency)
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** Takes a place for a call; a promise where there is none yet. Whoever has one calls `leave`. */
  enter(): Promise<void> | undefined {
    if (this.#active < this.limit && this.#waiting.length === 0) {
      this.#active++
      return undefined
    }
    // The one who frees a place takes it for the one who waits, so that nobody slips in between.
    return new Promise<void>((resume) => this.#waiting.push(resume))
  }

  /** The call has ended. */
  leave(pace: Pace): void {
    this.#adapt(pace)
    this.#active--
    this.#admit()
  }

  #admit(): void {
    let free = this.limit - this.#active
    while (free-- > 0) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#active++
      next()
    }
  }

  #adapt(pace: Pace): void {
    if (this.#deaf > 0) {
      this.#deaf--
      return
    }
    if (pace === 'slow-down') {
      this.#limit = Math.max(1, this.#limit / 2)
      this.#slowedBefore = true
      this.#deaf = this.#active - 1
    } else if (pace === 'answered') {
      this.#limit = Math.min(this.#max, this.#limit + (this.#slowedBefore ? growthPerRound / this.#limit : 1))
    }
  }
}
