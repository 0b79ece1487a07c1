import type { LogObject } from '../trail/log-object.ts'

export interface LimitsOptions {
  readonly maxObjects?: number | undefined
  readonly maxBytes?: number | undefined
}

/** Called right before an object is acted on. Returns why it must be skipped, if so. */
export type Gate = (object: Pick<LogObject, 'sizeBytes'>) => 'limit' | 'dry-run' | undefined

/** Lets every object through. */
export const openGate: Gate = () => undefined

const boundless = BigInt(Number.MAX_SAFE_INTEGER)

/** The most that a run may take, in objects and bytes. All threads share one count. */
export class Limits {
  readonly shared: SharedArrayBuffer
  readonly #left: BigInt64Array
  /** Nothing is counted if there is no limit. */
  readonly #isBounded: boolean

  constructor(options: LimitsOptions | SharedArrayBuffer) {
    this.shared = options instanceof SharedArrayBuffer ? options : new SharedArrayBuffer(16)
    this.#left = new BigInt64Array(this.shared)
    if (!(options instanceof SharedArrayBuffer)) {
      this.#left[0] = BigInt(options.maxObjects ?? boundless)
      this.#left[1] = BigInt(options.maxBytes ?? boundless)
    }
    this.#isBounded = this.#left.some((left) => left !== boundless)
  }

  /** Returns a gate that subtracts each object from the limits, and skips those beyond them. In a dry run it skips all. */
  gate({ dryRun }: { readonly dryRun: boolean }): Gate {
    return ({ sizeBytes }) => (this.take(sizeBytes) ? (dryRun ? 'dry-run' : undefined) : 'limit')
  }

  /** Subtracts an object from what is left. If it would exceed a limit, returns false and subtracts nothing. */
  take(bytes: number): boolean {
    if (!this.#isBounded) return true
    if (Atomics.sub(this.#left, 0, 1n) < 1n) {
      Atomics.add(this.#left, 0, 1n)
      return false
    }
    if (Atomics.sub(this.#left, 1, BigInt(bytes)) < BigInt(bytes)) {
      Atomics.add(this.#left, 1, BigInt(bytes))
      Atomics.add(this.#left, 0, 1n)
      return false
    }
    return true
  }
}
