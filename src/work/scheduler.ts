import type { AccountId } from '../trail/account-id.ts'
import type { Hunger, SliceWorker } from './slice-worker.ts'
import type { SourceSlice } from './source.ts'

export interface SchedulerOptions<S extends SourceSlice> {
  readonly worker: SliceWorker<S>
  readonly hunger: Hunger
  /** False keeps slices whole and in the order they were added. */
  readonly split: boolean
  readonly onSliceFailed: (slice: S, error: unknown) => void
  /** Called when all slices of an account have been listed completely. */
  readonly onListed: (account: string) => void
}

/** Gives slices to the worker, up to its capacity, and takes back the parts that they give away. */
export class Scheduler<S extends SourceSlice> {
  readonly #options: SchedulerOptions<S>
  readonly #queue: S[] = []
  #running = 0
  readonly #open = new Map<string, { slices: number; listings: number; finished: () => void }>()

  constructor(options: SchedulerOptions<S>) {
    this.#options = options
  }

  /** Runs the slices of one account. Resolves when they and the slices split off them have ended, with or without success. */
  async run(account: string, slices: readonly S[]): Promise<void> {
    const { length } = slices
    if (length === 0) return this.#options.onListed(account)
    const finished = new Promise<void>((resolve) =>
      this.#open.set(account, { slices: length, listings: length, finished: resolve }),
    )
    this.#queue.push(...slices)
    this.#feed()
    await finished
  }

  /** Drops the queued slices of a log account, and returns how many. */
  drop(account: string, logAccount: AccountId): number {
    const kept = this.#queue.filter((slice) => slice.account !== account || slice.logAccount !== logAccount)
    const dropped = this.#queue.length - kept.length
    this.#queue.splice(0, this.#queue.length, ...kept)
    for (let count = 0; count < dropped; count++) this.#countListing(account)
    this.#close(account, dropped)
    return dropped
  }

  #feed(): void {
    const { worker, hunger, split } = this.#options
    while (this.#running < worker.capacity) {
      const slice = this.#queue.shift()
      if (slice === undefined) break
      this.#running++
      void this.#run(worker, slice)
    }
    if (split) hunger.set(Math.max(0, worker.capacity - this.#running - this.#queue.length))
  }

  async #run(worker: SliceWorker<S>, slice: S): Promise<void> {
    const giveAway = (part: S): void => {
      const open = this.#open.get(part.account)
      if (open === undefined) return
      open.slices++
      open.listings++
      this.#queue.push(part)
      this.#feed()
    }
    let listing = true
    const listed = (): void => {
      if (listing) this.#countListing(slice.account)
      listing = false
    }
    try {
      await worker.run(slice, { giveAway, listed })
    } catch (error) {
      this.#options.onSliceFailed(slice, error)
    }
    listed()
    this.#running--
    this.#close(slice.account, 1)
    this.#feed()
  }

  #countListing(account: string): void {
    const open = this.#open.get(account)
    if (open !== undefined && --open.listings === 0) this.#options.onListed(account)
  }

  #close(account: string, count: number): void {
    const open = this.#open.get(account)
    if (open === undefined) return
    open.slices -= count
    if (open.slices > 0) return
    this.#open.delete(account)
    open.finished()
  }
}
