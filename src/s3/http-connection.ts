import type { Socket } from 'node:net'
import type { AnswerConnection } from './http.ts'
import { AnswerReader } from './http-answer.ts'
import type { Exchange } from './http-exchange.ts'
import { MalformedAnswer } from './http-head.ts'
import { Opening, type Origin } from './http-opening.ts'
import {
  connectTimeout,
  distrusted,
  networkError,
  noAnswer,
  shortAnswer,
  slowAnswer,
  stalled,
} from './network-error.ts'

/** After how many checks (`Connection.look`) without progress a connection is closed. */
export interface Patience {
  /** While it opens: checks without a finished step. */
  readonly connect: number
  /** During an exchange: checks without new bytes of the answer. */
  readonly answer: number
  /** Between exchanges. */
  readonly idle: number
  readonly looksPerSecond: number
}

export interface Keeper {
  /** The exchange of the connection has ended. It can take another one once it `hasRested`. */
  idle(connection: Connection): void
  closed(connection: Connection): void
}

/** How much of a body is written at once. When the system has taken it, the request makes progress. */
const writeBytes = 262_144

/** A whole answer may take this many times as long as the silence allowed, and longer only if its body arrives at `leastBytesPerSecond`. */
const patiences = { usual: 4, long: 30 }
const leastBytesPerSecond = 1024

/**
 * One connection, which carries one exchange at a time. It has no timer: its pool checks it regularly, and closes it after too many checks
 * without progress. So a computer that slept is not mistaken for a server that stalled.
 */
export class Connection implements AnswerConnection {
  readonly #origin: Origin
  readonly #patience: Patience
  readonly #keeper: Keeper
  readonly #opening: Opening
  #socket: Socket | undefined
  #isHeld = true
  #isClosed = false
  #exchange: Exchange | undefined
  #reader: AnswerReader | undefined
  #silentLooks = 0
  #answerLooks = 0
  #seenBytes = 0
  #idleLooks: number

  constructor(origin: Origin, patience: Patience, keeper: Keeper) {
    this.#origin = origin
    this.#patience = patience
    this.#keeper = keeper
    this.#idleLooks = patience.idle
    this.#opening = new Opening(origin, {
      step: () => (this.#silentLooks = 0),
      ready: (socket) => this.#ready(socket),
      data: (bytes, length) => this.#take(bytes, length),
      ended: () => this.#ended(),
      failed: (error) => this.destroy(error),
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Returns whether it can take another exchange. It must be called after a turn of the event loop, so that Node has noticed that the request
   * was sent. If the answer arrived before the whole request was sent, the rest would precede the next request: the connection is closed.
   */
  hasRested(): boolean {
    if (!this.#isClosed && this.#socket?.writableLength !== 0) this.destroy(undefined)
    return !this.#isClosed
  }

  /** The connection must be idle, or new. */
  send(exchange: Exchange): void {
    this.#exchange = exchange
    exchange.carrier = this
    this.#reader = new AnswerReader(exchange.receiver, exchange.answerHasBody)
    this.#silentLooks = 0
    this.#seenBytes = 0
    this.#hold(true)
    if (this.#socket !== undefined) this.#write(this.#socket, exchange)
  }

  destroy(error: unknown): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#isClosed = true
    this.#opening.destroy()
    this.#keeper.closed(this)
    exchange?.reject(error)
  }

  distrust(): void {
    this.destroy(distrusted(this.#origin.url))
  }

  /** Closes a connection without progress, and lets the process end while no exchange is running. */
  look(): void {
    this.#silentLooks++
    const { url } = this.#origin
    const { connect, answer } = this.#patience
    if (this.#exchange === undefined) {
      this.#hold(false)
      if (this.#silentLooks > this.#idleLooks) this.destroy(undefined)
    } else if (this.#socket === undefined) {
      if (this.#silentLooks > connect) this.destroy(connectTimeout(this.#opening.peer))
    } else {
      this.#lookAtBody(this.#exchange)
      if (this.#silentLooks > answer) this.destroy(stalled(url))
    }
  }

  /** Only bytes of the body count as progress: heads, 1xx answers and trailers could arrive forever. */
  #lookAtBody({ takesLong }: Exchange): void {
    const bodyBytes = this.#reader?.bodyBytes ?? 0
    if (bodyBytes > this.#seenBytes) this.#silentLooks = 0
    this.#seenBytes = bodyBytes
    this.#answerLooks++
    const { answer, looksPerSecond } = this.#patience
    const allowed = answer * (takesLong ? patiences.long : patiences.usual)
    if (this.#answerLooks > allowed + (bodyBytes / leastBytesPerSecond) * looksPerSecond) {
      this.destroy(slowAnswer(this.#origin.url, bodyBytes, this.#answerLooks / looksPerSecond))
    }
  }

  #hold(isHeld: boolean): void {
    if (this.#isHeld !== isHeld) this.#opening.hold(isHeld)
    this.#isHeld = isHeld
  }

  #ready(socket: Socket): void {
    this.#socket = socket
    this.#silentLooks = 0
    if (this.#exchange !== undefined) this.#write(socket, this.#exchange)
  }

  #write(socket: Socket, { head, body }: Exchange): void {
    this.#answerLooks = 0
    if (body === undefined) {
      socket.write(head, 'latin1')
      return
    }
    socket.cork()
    socket.write(head, 'latin1')
    this.#writeOn(socket, typeof body === 'string' ? Buffer.from(body) : body)
    socket.uncork()
  }

  #writeOn(socket: Socket, body: Uint8Array): void {
    const rest = body.subarray(writeBytes)
    socket.write(body.subarray(0, writeBytes), () => {
      this.#silentLooks = 0
      this.#answerLooks = 0
      if (rest.length > 0 && socket.writable) this.#writeOn(socket, rest)
    })
  }

  #take(bytes: Buffer, length: number): void {
    const reader = this.#reader
    // Unrequested bytes may be the answer to an aborted request, so nothing that follows can be trusted.
    if (reader === undefined) return this.destroy(undefined)
    try {
      reader.read(bytes, length)
    } catch (error) {
      return this.destroy(error instanceof MalformedAnswer ? networkError(error, this.#origin.url) : error)
    }
    // A receiver may have interrupted its own exchange.
    if (reader.isComplete && this.#exchange !== undefined) this.#finish(reader)
  }

  #ended(): void {
    const reader = this.#reader
    if (this.#exchange !== undefined && reader?.end() === true) this.#finish(reader)
    else this.destroy(reader?.hasBegun === true ? shortAnswer(this.#origin.url) : noAnswer(this.#origin.url))
  }

  #finish(reader: AnswerReader): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#reader = undefined
    this.#silentLooks = 0
    if (reader.idleSeconds !== undefined) {
      // One second less than the server allows, so that it does not close the connection while a request is under way.
      const looks = Math.max(0, reader.idleSeconds - 1) * this.#patience.looksPerSecond
      this.#idleLooks = Math.min(this.#patience.idle, looks)
    }
    if (reader.keepAlive) this.#keeper.idle(this)
    else this.destroy(undefined)
    exchange?.resolve(this)
  }
}
