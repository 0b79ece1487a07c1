import type { SecureContext } from 'node:tls'
import type { AnswerConnection, HttpClient, HttpReceiver, HttpRequest } from './http.ts'
import { Connection, type Keeper, type Origin, type Patience } from './http-connection.ts'
import { requestHead } from './http-request.ts'
import { interrupted } from './interrupted.ts'
import { clientClosed } from './network-error.ts'

export interface HttpPoolOptions {
  /** For https; the certificates that come with Node where there is none. */
  readonly secureContext: () => SecureContext
  readonly connectTimeoutMs: number
  readonly stallTimeoutMs: number
}

const idleMs = 20_000

/**
 * Speaks HTTP/1.1 over as many connections as there are exchanges. That it is its own and not undici's takes the CPU of a GET of 6 KB from 75 to
 * 35 µs, and from the start-up what it costs to load undici.
 */
export class HttpPool implements HttpClient {
  readonly #options: HttpPoolOptions
  readonly #lookMs: number
  readonly #patience: Patience
  readonly #lanes = new Map<string, Lane>()
  /** One listener for the signal of a run, not one for each of its exchanges. */
  readonly #running = new WeakMap<AbortSignal, Set<Connection>>()
  /** With certificates of its own it takes 40 ms to make. */
  #secureContext: SecureContext | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: HttpPoolOptions) {
    const { connectTimeoutMs, stallTimeoutMs } = options
    this.#options = options
    this.#lookMs = Math.min(1000, Math.max(10, Math.min(connectTimeoutMs, stallTimeoutMs) / 8))
    const looks = (ms: number) => Math.ceil(ms / this.#lookMs)
    this.#patience = {
      connect: looks(connectTimeoutMs),
      answer: looks(stallTimeoutMs),
      idle: looks(idleMs),
      looksPerSecond: 1000 / this.#lookMs,
    }
  }

  exchange(request: HttpRequest, receiver: HttpReceiver, signal?: AbortSignal): Promise<AnswerConnection> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw clientClosed(request.origin)
      if (signal?.aborted === true) throw interrupted(signal)
      const head = requestHead(request)
      const connection = this.#lane(request.origin).take()
      const { body } = request
      const answerHasBody = request.method !== 'HEAD'
      if (signal === undefined) return connection.send({ head, body, answerHasBody, receiver, resolve, reject })
      const running = this.#watch(signal).add(connection)
      connection.send({
        head,
        body,
        answerHasBody,
        receiver,
        resolve: (answered) => {
          running.delete(connection)
          resolve(answered)
        },
        reject: (error) => {
          running.delete(connection)
          reject(error)
        },
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const [origin, lane] of this.#lanes) {
      for (const connection of lane.all) connection.destroy(clientClosed(origin))
    }
  }

  #watch(signal: AbortSignal): Set<Connection> {
    const known = this.#running.get(signal)
    if (known !== undefined) return known
    const connections = new Set<Connection>()
    this.#running.set(signal, connections)
    const stop = () => {
      for (const connection of connections) connection.destroy(interrupted(signal))
    }
    signal.addEventListener('abort', stop, { once: true })
    return connections
  }

  #lane(url: string): Lane {
    const known = this.#lanes.get(url)
    if (known !== undefined) return known
    if (url.startsWith('https:')) this.#secureContext ??= this.#options.secureContext()
    const lane = new Lane({ url, secureContext: this.#secureContext, session: undefined }, this.#patience)
    this.#lanes.set(url, lane)
    this.#timer ??= setInterval(() => this.#look(), this.#lookMs).unref()
    return lane
  }

  #look(): void {
    for (const lane of this.#lanes.values()) {
      for (const connection of lane.all) connection.look()
    }
  }
}

/** The connections to one origin. */
class Lane implements Keeper {
  readonly all = new Set<Connection>()
  readonly #origin: Origin
  readonly #patience: Patience
  /** The one used last comes first: those that are too many fall silent, and are closed. */
  #free: Connection[] = []

  constructor(origin: Origin, patience: Patience) {
    this.#origin = origin
    this.#patience = patience
  }

  take(): Connection {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const opened = new Connection(this.#origin, this.#patience, this)
    this.all.add(opened)
    return opened
  }

  idle(connection: Connection): void {
    this.#free.push(connection)
  }

  closed(connection: Connection): void {
    if (!this.all.delete(connection)) return
    this.#free = this.#free.filter((one) => one !== connection)
  }
}
