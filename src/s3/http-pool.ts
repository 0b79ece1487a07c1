import type { SecureContext } from 'node:tls'
import type { AnswerConnection, HttpClient, HttpReceiver, HttpRequest } from './http.ts'
import type { Patience } from './http-connection.ts'
import { Exchange } from './http-exchange.ts'
import { Lane } from './http-lane.ts'
import type { ProxyRule } from './http-proxy.ts'
import { interrupted } from './interrupted.ts'
import { clientClosed } from './network-error.ts'

export interface HttpPoolOptions {
  readonly secureContext: () => SecureContext
  /** If it is missing, every connection is direct. */
  readonly proxy?: ProxyRule
  /** The limit for each step of opening a connection; at most `stallTimeoutMs`. */
  readonly connectTimeoutMs: number
  readonly stallTimeoutMs: number
}

const idleMs = 20_000

/** Sends HTTP/1.1 requests over one connection per concurrent exchange, directly or through a proxy. */
export class HttpPool implements HttpClient {
  readonly #options: HttpPoolOptions
  readonly #lookMs: number
  readonly #patience: Patience
  readonly #lanes = new Map<string, Lane>()
  /** One abort listener per signal, instead of one per exchange. */
  readonly #running = new WeakMap<AbortSignal, Set<Exchange>>()
  /** Created once: with extra certificates it takes 40 ms. */
  #secureContext: SecureContext | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: HttpPoolOptions) {
    const { stallTimeoutMs } = options
    const connectTimeoutMs = Math.min(options.connectTimeoutMs, stallTimeoutMs)
    this.#options = options
    this.#lookMs = Math.min(1000, Math.max(10, connectTimeoutMs / 8))
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
      const running = signal === undefined ? undefined : this.#watch(signal)
      const exchange = new Exchange(request, receiver, { resolve, reject }, running)
      this.#lane(request.origin).send(exchange, request.needsNewConnection === true)
    })
  }

  proxyOf(origin: string): string | undefined {
    return this.#options.proxy?.(origin)?.url
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const [origin, lane] of this.#lanes) lane.close(clientClosed(origin))
  }

  #watch(signal: AbortSignal): Set<Exchange> {
    const known = this.#running.get(signal)
    if (known !== undefined) return known
    const exchanges = new Set<Exchange>()
    this.#running.set(signal, exchanges)
    const stop = () => {
      for (const exchange of exchanges) exchange.giveUp(interrupted(signal))
    }
    signal.addEventListener('abort', stop, { once: true })
    return exchanges
  }

  #lane(url: string): Lane {
    const known = this.#lanes.get(url)
    if (known !== undefined) return known
    const proxy = this.#options.proxy?.(url)
    if (url.startsWith('https:') || proxy?.isTls === true) this.#secureContext ??= this.#options.secureContext()
    const origin = { url, proxy, secureContext: this.#secureContext, session: undefined }
    const lane = new Lane(origin, this.#patience)
    this.#lanes.set(url, lane)
    this.#timer ??= setInterval(() => this.#look(), this.#lookMs).unref()
    return lane
  }

  #look(): void {
    for (const lane of this.#lanes.values()) lane.look()
  }
}
