import { LoopLoad } from '../s3/loop-load.ts'
import type { LogObject } from '../trail/log-object.ts'
import { IdleCores } from './idle-cores.ts'
import { ObjectTaker, type OnTaken, type TakerOptions } from './object-taker.ts'
import type { RunListener } from './run-event.ts'

/** Another thread that takes objects as this one does. */
export interface Helper {
  /** Objects that it was handed and has not reported. */
  readonly load: number
  /** How many objects it may hold at a time. */
  readonly maxLoad: number
  take(object: LogObject, account: string, onTaken: OnTaken): void
  /** Resolves when the thread has ended. */
  close(): Promise<void>
}

/** Signals to a helper, and its reports other than outcomes. */
export interface HelperFrame {
  /** Aborted: take no more. */
  readonly signal: AbortSignal
  readonly actSignal: AbortSignal
  readonly onFatal: (error: unknown) => void
  /** The helper may have room for this many more. */
  readonly onRoom: (count: number) => void
}

/** The threads that may be started for a run. */
export interface HelperSource {
  readonly count: number
  /**
   * Threads start once there are this many objects to act on, this thread is busy, and the machine has an idle core for each; otherwise a
   * thread costs more than it saves. Undefined: they start as soon as this thread is full.
   */
  readonly worthFrom: number | undefined
  readonly start: (frame: HelperFrame) => Promise<Helper>
}

export interface CrewOptions<B> extends TakerOptions<B> {
  readonly helpers?: HelperSource | undefined
  readonly listener: RunListener
  readonly signal: AbortSignal
  /** True if this thread is busy all the time. */
  readonly isBusy?: (() => boolean) | undefined
  /** How many cores are idle; undefined while unknown. */
  readonly idleCores?: (() => number | undefined) | undefined
}

/** A thread needs a core of its own. On one that was less idle it cost a quarter more CPU and saved no time. */
const leastIdle = 0.85

/** Divides objects among this thread and its helpers. None gets more than it can hold, and the least busy is first. */
export class Crew<B> {
  readonly #options: CrewOptions<B>
  readonly #taker: ObjectTaker<B>
  readonly #helpers: Helper[] = []
  readonly #isBusy: () => boolean
  readonly #idleCores: () => number | undefined
  #starting: Promise<unknown> | undefined
  #expected = 0

  constructor(options: CrewOptions<B>) {
    this.#options = options
    this.#taker = new ObjectTaker(options)
    const load = new LoopLoad()
    this.#isBusy = options.isBusy ?? (() => load.isFull())
    const idle = new IdleCores()
    this.#idleCores = options.idleCores ?? (() => idle.count(performance.now()))
  }

  /** Announces that this many more objects will be passed to `take`. */
  expect(count: number): void {
    this.#expected += count
  }

  /** Returns a promise if no thread has room. Objects that still wait when the run stops taking objects are given up. */
  take(object: LogObject, account: string, twin: unknown, onTaken: OnTaken): Promise<void> | undefined {
    this.#expected--
    if (this.#taker.isFull) return this.#takeElsewhere(object, account, twin, onTaken)
    return this.#taker.take(object, account, twin, onTaken)
  }

  async close(): Promise<void> {
    await this.#starting
    await Promise.all(this.#helpers.map((helper) => helper.close()))
    await this.#taker.close()
  }

  #takeElsewhere(object: LogObject, account: string, twin: unknown, onTaken: OnTaken): Promise<void> | undefined {
    const helper = this.#idlest()
    if (helper === undefined) return this.#wait(object, account, twin, onTaken)
    helper.take(object, account, onTaken)
    return undefined
  }

  async #wait(object: LogObject, account: string, twin: unknown, onTaken: OnTaken): Promise<void> {
    this.#getHelp()
    for (;;) {
      await this.#taker.room()
      if (this.#options.signal.aborted) return onTaken(undefined)
      if (!this.#taker.isFull) return this.#taker.take(object, account, twin, onTaken)
      const helper = this.#idlest()
      if (helper !== undefined) return helper.take(object, account, onTaken)
    }
  }

  #idlest(): Helper | undefined {
    let idlest: Helper | undefined
    for (const helper of this.#helpers) {
      if (helper.load < helper.maxLoad && helper.load < (idlest?.load ?? Infinity)) idlest = helper
    }
    return idlest
  }

  #getHelp(): void {
    const { helpers } = this.#options
    if (helpers === undefined || this.#starting !== undefined) return
    const count = helpers.worthFrom === undefined ? helpers.count : this.#countWorth(helpers.count, helpers.worthFrom)
    if (count > 0) this.#starting = Promise.all(Array.from({ length: count }, () => this.#start(helpers)))
  }

  /** Returns how many of `count` helpers are worth their cost. */
  #countWorth(count: number, worthFrom: number): number {
    const { begun } = this.#taker
    // Many of the expected objects may be present already.
    if (begun < worthFrom / 16 || begun + this.#expected < worthFrom || !this.#isBusy()) return 0
    return Math.min(count, Math.floor((this.#idleCores() ?? 0) + 1 - leastIdle))
  }

  /** If a thread cannot start, the run continues without it. */
  async #start(helpers: HelperSource): Promise<void> {
    const { signal, actSignal, onFatal, listener } = this.#options
    const onRoom = (count: number): void => this.#taker.wake(count)
    try {
      const helper = await helpers.start({ signal, actSignal, onFatal, onRoom })
      this.#helpers.push(helper)
      onRoom(helper.maxLoad)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const message = `a thread could not be started: ${why}; the run continues without it`
      listener({ type: 'note', level: 'warning', code: 'work.no-thread', message })
    }
  }
}
