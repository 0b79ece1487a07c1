import { LoopLoad } from '../s3/loop-load.ts'

/**
 * Two keep this thread busy where the server is near. With eight a million keys took a sixth longer: their pages wait, and what waits is
 * moved by the garbage collector.
 */
const initialListings = 2

/** As many keep this thread busy where the server takes 300 ms for a page. Each holds up to two pages, of a megabyte. */
const mostListings = 32

/** In a fortieth of a second that happens to be idle, a near server's dozen pages would make the bound 14: a tenth more memory, a seventh more time. */
const sampleMs = 120

export interface LongListingsOptions {
  /** Whether this thread has no time to spare. */
  readonly isBusy?: (() => boolean) | undefined
}

/**
 * Bounds the listings that go beyond their first page. With each page the bound grows while this thread has time to spare, since it is the server then
 * that is waited for, and shrinks while it has none.
 */
export class LongListings {
  readonly #isBusy: () => boolean
  readonly #waiting: (() => void)[] = []
  #limit = initialListings
  #count = 0

  constructor({ isBusy }: LongListingsOptions = {}) {
    const load = new LoopLoad(sampleMs)
    this.#isBusy = isBusy ?? (() => load.isFull())
  }

  /** True where there is room; otherwise wait for `room`, at once or when it is needed. Whoever entered calls `leave`. */
  enter(): boolean {
    if (this.#count >= this.#limit) return false
    this.#count++
    return true
  }

  /** Resolves when there is room, which is taken then. Those there was no room for before may all have left by now. */
  room(): Promise<void> {
    return new Promise((admit) => {
      this.#waiting.push(admit)
      this.#admit()
    })
  }

  /** A page came, and its objects were taken without waiting for anybody. */
  pageTaken(): void {
    this.#limit = this.#isBusy() ? Math.max(initialListings, this.#limit - 1) : Math.min(mostListings, this.#limit + 1)
    this.#admit()
  }

  leave(): void {
    this.#count--
    this.#admit()
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.enter()) this.#waiting.shift()?.()
  }
}
