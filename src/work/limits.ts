import type { LogObject } from '../trail/log-object.ts'

export interface LimitsOptions {
  readonly maxObjects?: number | undefined
  readonly maxBytes?: number | undefined
}

/** Asked right before an object is acted on: why it is to be skipped after all. */
export type Gate = (object: Pick<LogObject, 'sizeBytes'>) => 'limit' | 'dry-run' | undefined

/** Lets every object through. */
export const openGate: Gate = () => undefined

const boundless = BigInt(Number.MAX_SAFE_INTEGER)

/** What a run may take at most, in objects and bytes. One count for all threads. */
export class Limits {
  readonly shared: SharedArrayBuffer
  readonly #left: BigInt64Array
  /** Counted for nobody else where there is no limit. */
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

  /** Says why an object that is to be acted on is not, and takes it off what is left otherwise. */
  gate({ dryRun }: { readonly dryRun: boolean }): Gate {
    return ({ sizeBytes }) => (this.take(sizeBytes) ? (dryRun ? 'dry-run' : undefined) : 'limit')
  }

  /** Takes an object off what is left; false, and nothing taken, where it would be one too many. */
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
