import { CrosstrailError } from '../error.ts'
import type { LogObject } from '../trail/log-object.ts'
import { Admission } from './admission.ts'
import type { ObjectAction } from './object-action.ts'
import type { Outcome } from './outcome.ts'

/** Called once for each object that was taken: with its outcome, or without one if an interrupt gave it up. */
export type OnTaken = (outcome: Outcome | undefined) => void

export interface TakerOptions<B> {
  readonly bucketOf: (account: string) => B
  readonly action: Pick<ObjectAction<B>, 'take' | 'holdsBodies' | 'close'>
  /** Objects under way at a time. */
  readonly maxTasks: number
  /** Aborted: start nothing more, not even for objects that were taken. A limit that is reached does not abort it. */
  readonly actSignal: AbortSignal
  /** Called with an error that every other object would meet too, such as a full disk. */
  readonly onFatal: (error: unknown) => void
}

/** Larger objects are streamed: an action holds no more than this of one. */
export const maxHeldBytes = 8 * 1024 * 1024

/** The most bytes of bodies in memory at a time. */
const maxBytesUnderWay = 64 * 1024 * 1024

/** Acts on objects in this thread, with a limit of how many at a time. */
export class ObjectTaker<B> {
  readonly #options: TakerOptions<B>
  readonly #admission: Admission
  readonly #holdsBodies: boolean
  #begun = 0

  constructor(options: TakerOptions<B>) {
    this.#options = options
    this.#holdsBodies = options.action.holdsBodies ?? true
    this.#admission = new Admission({ maxTasks: options.maxTasks, maxBytes: maxBytesUnderWay })
  }

  /** True if another object would have to wait. */
  get isFull(): boolean {
    return this.#admission.isFull
  }

  /** How many objects needed an action so far. Objects that are present do not count. */
  get begun(): number {
    return this.#begun
  }

  /** Resolves when something has ended or `wake` was called; check `isFull` again. */
  room(): Promise<void> {
    return this.#admission.room()
  }

  /** Lets this many waiting callers check again. */
  wake(count: number): void {
    this.#admission.wake(count)
  }

  /**
   * Call it while `isFull` is false. Returns a promise if the body is too large for the memory left; other objects must then wait too.
   * Throws what the action's `take` throws.
   */
  take(object: LogObject, account: string, twin: unknown, onTaken: OnTaken): Promise<void> | undefined {
    const taken = this.#ask(object, account, twin, onTaken)
    if (typeof taken === 'object') {
      onTaken(taken)
      return undefined
    }
    const heldBytes = this.#holdsBodies ? Math.min(object.sizeBytes, maxHeldBytes) : 0
    if (!this.#admission.enter(heldBytes)) return this.#wait(object, account, heldBytes, taken, onTaken)
    void this.#act(object, account, heldBytes, taken, onTaken)
    return undefined
  }

  #ask(object: LogObject, account: string, twin: unknown, onTaken: OnTaken): Outcome | (() => Promise<Outcome>) {
    try {
      return this.#options.action.take(object, account, this.#options.bucketOf(account), twin)
    } catch (error) {
      onTaken(undefined)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#options.action.close()
  }

  async #wait(
    object: LogObject,
    account: string,
    heldBytes: number,
    act: () => Promise<Outcome>,
    onTaken: OnTaken,
  ): Promise<void> {
    do {
      await this.#admission.room()
      if (this.#options.actSignal.aborted) return onTaken(undefined)
    } while (!this.#admission.enter(heldBytes))
    void this.#act(object, account, heldBytes, act, onTaken)
  }

  async #act(
    object: LogObject,
    account: string,
    heldBytes: number,
    act: () => Promise<Outcome>,
    onTaken: OnTaken,
  ): Promise<void> {
    this.#begun++
    let outcome: Outcome | undefined
    try {
      outcome = await act()
    } catch (error) {
      outcome = this.#outcomeOf(error, object, account)
    }
    this.#admission.leave(heldBytes)
    onTaken(outcome)
  }

  #outcomeOf(error: unknown, object: LogObject, account: string): Outcome | undefined {
    // An object that was given up for an interrupt counts as never taken. Any other interruption, and a bug, ends the
    // run.
    const isBug = !(error instanceof CrosstrailError)
    if (isBug || error.code === 'interrupted') {
      if (isBug || !this.#options.actSignal.aborted) this.#options.onFatal(error)
      return undefined
    }
    if (error.code === 'object.archived') return { status: 'skipped', account, object, reason: 'archived' }
    if (error.code.startsWith('disk.')) this.#options.onFatal(error)
    return { status: 'failed', account, object, error }
  }
}
