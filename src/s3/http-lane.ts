import { Connection, type Keeper, type Patience } from './http-connection.ts'
import type { Exchange } from './http-exchange.ts'
import type { Origin } from './http-opening.ts'

/** The connections to one origin. Each rests for one turn of the event loop between exchanges, so that stray bytes are not taken for an answer. */
export class Lane implements Keeper {
  readonly #origin: Origin
  readonly #patience: Patience
  readonly #all = new Set<Connection>()
  /** A stack: the last one used is reused first. Connections that are not needed stay silent and are closed. */
  readonly #free: Connection[] = []
  /** The connections whose exchange ended in this turn of the event loop, and in the turn before. */
  #resting: Connection[] = []
  #rested: Connection[] = []
  #waiting: Exchange[] = []
  #isTurning = false

  constructor(origin: Origin, patience: Patience) {
    this.#origin = origin
    this.#patience = patience
  }

  /** Sends as soon as a connection is free. Opens one if none will be free soon, or if the exchange needs a new one. */
  send(exchange: Exchange, needsNew: boolean): void {
    if (needsNew) return this.#replace().send(exchange)
    const free = this.#nextFree()
    const resting = this.#resting.length + this.#rested.length
    if (free !== undefined) free.send(exchange)
    else if (this.#waiting.length < resting) this.#waiting.push(exchange)
    else this.#open().send(exchange)
  }

  look(): void {
    for (const connection of this.#all) connection.look()
  }

  close(error: unknown): void {
    for (const connection of this.#all) connection.destroy(error)
    for (const exchange of this.#waiting.splice(0)) exchange.reject(error)
  }

  idle(connection: Connection): void {
    this.#resting.push(connection)
    this.#turnLater()
  }

  closed(connection: Connection): void {
    this.#all.delete(connection)
  }

  #open(): Connection {
    const opened = new Connection(this.#origin, this.#patience, this)
    this.#all.add(opened)
    return opened
  }

  /** Opens a new connection in place of the one that was free longest, so that their number does not grow. */
  #replace(): Connection {
    this.#free.shift()?.destroy(undefined)
    return this.#open()
  }

  #nextFree(): Connection | undefined {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (!free.isClosed) return free
    }
    return undefined
  }

  #turnLater(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(() => this.#turn())
  }

  /** Between two calls, the event loop has polled every connection. */
  #turn(): void {
    this.#isTurning = false
    this.#free.push(...this.#rested.filter((connection) => connection.hasRested()))
    this.#rested = this.#resting
    this.#resting = []
    const waiting = this.#waiting
    this.#waiting = []
    for (const exchange of waiting) if (!exchange.isOver) this.send(exchange, false)
    if (this.#rested.length > 0) this.#turnLater()
  }
}
