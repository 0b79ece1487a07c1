import type { Fault, SeenRequest } from './faults.ts'

/** A request that was answered. */
export interface LoggedRequest extends SeenRequest {
  readonly method: string
  /** The ARN of the caller; undefined if it was not authenticated, or a fault came first. */
  readonly principal: string | undefined
  /** The status of the answer, also if a fault stopped it from arriving. */
  readonly status: number
  readonly fault: Fault | undefined
}

/** The requests to the lab: counts of all of them, and the last ones in full. */
export class RequestLog {
  readonly #counts = new Map<string, number>()
  readonly #capacity: number
  #recent: LoggedRequest[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(request: LoggedRequest): void {
    this.#counts.set(request.operation, this.count(request.operation) + 1)
    this.#recent.push(request)
    if (this.#recent.length >= this.#capacity * 2) this.#recent = this.#recent.slice(-this.#capacity)
  }

  /** Returns how many requests there were for an operation, by AWS's name, or for all. */
  count(operation?: string): number {
    if (operation !== undefined) return this.#counts.get(operation) ?? 0
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  /** Returns the last requests, oldest first, of one operation or all. */
  recent(operation?: string): readonly LoggedRequest[] {
    const recent = this.#recent.slice(-this.#capacity)
    return operation === undefined ? recent : recent.filter((request) => request.operation === operation)
  }

  clear(): void {
    this.#counts.clear()
    this.#recent = []
  }
}
