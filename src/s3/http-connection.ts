import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import type { AnswerConnection, HttpReceiver } from './http.ts'
import { AnswerReader, MalformedAnswer } from './http-answer.ts'
import { connectTimeout, distrusted, networkError, noAnswer, shortAnswer, stalled } from './network-error.ts'

/** A request to send, and who waits for the end of its answer. */
export interface Exchange {
  readonly head: string
  readonly body: string | Uint8Array | undefined
  /** False where the answer is a head alone, as that to HEAD. */
  readonly answerHasBody: boolean
  readonly receiver: HttpReceiver
  readonly resolve: (connection: AnswerConnection) => void
  readonly reject: (error: unknown) => void
}

/** Where connections go, and what they share. */
export interface Origin {
  /** `https://host[:port]`. */
  readonly url: string
  readonly secureContext: SecureContext | undefined
  /** Of the last TLS session: with it the next handshake is shorter. */
  session: Buffer | undefined
}

/** After how many looks (`Connection.look`) that find nothing new a connection is given up. */
export interface Patience {
  readonly connect: number
  readonly answer: number
  readonly idle: number
  readonly looksPerSecond: number
}

/** What a connection tells its pool. */
export interface Keeper {
  /** It can take another exchange. */
  idle(connection: Connection): void
  closed(connection: Connection): void
}

const readBytes = 65_536

/** How much of a body is handed to the system at once: that it was taken is the sign that the request moves. */
const writeBytes = 262_144

/**
 * One connection, which carries one exchange at a time. It keeps no clock: its pool looks at it from time to time, and what has not moved for too
 * many looks is given up. A machine that slept is thus no server that stalled.
 */
export class Connection implements AnswerConnection {
  readonly #origin: Origin
  readonly #patience: Patience
  readonly #keeper: Keeper
  readonly #socket: Socket
  #isConnected = false
  #isReferenced = true
  #exchange: Exchange | undefined
  #reader: AnswerReader | undefined
  #silentLooks = 0
  #idleLooks: number

  constructor(origin: Origin, patience: Patience, keeper: Keeper) {
    this.#origin = origin
    this.#patience = patience
    this.#keeper = keeper
    this.#idleLooks = patience.idle
    this.#socket = this.#open(new URL(origin.url))
  }

  /** The connection must be idle, or new. */
  send(exchange: Exchange): void {
    this.#exchange = exchange
    this.#reader = new AnswerReader(exchange.receiver, exchange.answerHasBody)
    this.#silentLooks = 0
    if (!this.#isReferenced) this.#socket.ref()
    this.#isReferenced = true
    if (this.#isConnected) this.#write(exchange)
  }

  /** Ends the connection, and its exchange with `error`. */
  destroy(error: unknown): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#socket.destroy()
    this.#keeper.closed(this)
    exchange?.reject(error)
  }

  distrust(): void {
    this.destroy(distrusted(this.#origin.url))
  }

  /** Gives up what has not moved for too long, and lets the process end while nothing is under way. */
  look(): void {
    this.#silentLooks++
    const { url } = this.#origin
    if (this.#exchange === undefined) {
      if (this.#isReferenced) this.#socket.unref()
      this.#isReferenced = false
      if (this.#silentLooks > this.#idleLooks) this.destroy(undefined)
    } else if (!this.#isConnected) {
      if (this.#silentLooks > this.#patience.connect) this.destroy(connectTimeout(url))
    } else if (this.#silentLooks > this.#patience.answer) {
      this.destroy(stalled(url))
    }
  }

  #open({ protocol, hostname, port }: URL): Socket {
    const isTls = protocol === 'https:'
    const host = hostname.replace(/^\[|\]$/g, '')
    const { secureContext, session } = this.#origin
    const common = {
      host,
      port: Number(port) || (isTls ? 443 : 80),
      noDelay: true,
      // One buffer for the connection: by itself a socket takes 64 KB anew for each piece that comes.
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (length: number, bytes: Uint8Array) => {
          this.#take(bytes as Buffer, length)
          return true
        },
      },
    }
    const socket = isTls
      ? connectTls({
          ...common,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(host) === 0 && { servername: host }),
          ...(secureContext !== undefined && { secureContext }),
          ...(session !== undefined && { session }),
        })
      : connectTcp(common)
    // Nothing is sent before the server's certificate is known to be good.
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      this.#isConnected = true
      this.#silentLooks = 0
      if (this.#exchange !== undefined) this.#write(this.#exchange)
    })
    socket.on('session', (session: Buffer) => {
      this.#origin.session = session
    })
    socket.on('error', (error) => this.destroy(networkError(error, this.#origin.url)))
    // The close waits until all is sent, and that may be never. Why a handshake ended, TLS tells.
    socket.on('end', () => this.#isConnected && this.#ended())
    socket.on('close', () => this.#ended())
    return socket
  }

  #write({ head, body }: Exchange): void {
    if (body === undefined) {
      this.#socket.write(head, 'latin1')
      return
    }
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
    this.#writeOn(typeof body === 'string' ? Buffer.from(body) : body)
    this.#socket.uncork()
  }

  #writeOn(body: Uint8Array): void {
    const rest = body.subarray(writeBytes)
    this.#socket.write(body.subarray(0, writeBytes), () => {
      this.#silentLooks = 0
      if (rest.length > 0 && this.#socket.writable) this.#writeOn(rest)
    })
  }

  #take(bytes: Buffer, length: number): void {
    this.#silentLooks = 0
    const reader = this.#reader
    // What nobody asked for may be the answer to a request that was given up: nothing more can be believed.
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
    if (reader.idleSeconds !== undefined) {
      // A second less than the server allows, lest it close while a request is on its way.
      const looks = Math.max(0, reader.idleSeconds - 1) * this.#patience.looksPerSecond
      this.#idleLooks = Math.min(this.#patience.idle, looks)
    }
    // Of a request that was answered before all of it was sent, the rest would stand before the next one.
    if (reader.keepAlive && this.#socket.writableLength === 0) this.#keeper.idle(this)
    else this.destroy(undefined)
    exchange?.resolve(this)
  }
}
