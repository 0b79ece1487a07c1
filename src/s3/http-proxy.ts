import { type Dispatcher, EnvHttpProxyAgent } from 'undici'
import type { HttpClient, HttpHeaders, HttpReceiver } from './http.ts'
import { requestHead } from './http-request.ts'
import { interrupted } from './interrupted.ts'
import { networkError } from './network-error.ts'

export interface ProxyOptions {
  /** The address of the proxy, for every scheme. */
  readonly proxy: string
  /** Hosts that are reached without it. */
  readonly noProxy: string
  /** PEM. */
  readonly certificates: string[] | undefined
  readonly connectTimeoutMs: number
  readonly stallTimeoutMs: number
}

/** Speaks through a proxy. */
export function createProxyClient(options: ProxyOptions): HttpClient {
  let agent = openAgent(options)
  /** Those that were replaced, until their last exchanges are done. */
  const leaving = new Set<EnvHttpProxyAgent>()
  const replace = (distrusted: EnvHttpProxyAgent): void => {
    if (agent !== distrusted) return
    agent = openAgent(options)
    leaving.add(distrusted)
    const forget = () => leaving.delete(distrusted)
    distrusted.close().then(forget, forget)
  }
  return {
    exchange: (request, receiver, signal) =>
      new Promise((resolve, reject) => {
        // What cannot be sent, undici would call a connection that broke: it would be tried again and again.
        requestHead(request)
        const { origin, method, path, headers, authorization, body = null } = request
        const used = agent
        // undici tells nobody its connections: all of them are given up, each when its exchange is done.
        const connection = { distrust: () => replace(used) }
        const exchange = new ProxyExchange(origin, receiver, signal, { resolve: () => resolve(connection), reject })
        const all = authorization === undefined ? { ...headers } : { ...headers, authorization }
        used.dispatch({ origin, method, path, headers: all, body }, exchange)
      }),
    close: async () => {
      await Promise.all([agent, ...leaving].map((one) => one.destroy()))
    },
  }
}

function openAgent({
  proxy,
  noProxy,
  certificates,
  connectTimeoutMs,
  stallTimeoutMs,
}: ProxyOptions): EnvHttpProxyAgent {
  const tls = certificates === undefined ? {} : { ca: certificates }
  return new EnvHttpProxyAgent({
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy,
    requestTls: tls,
    proxyTls: tls,
    connect: { timeout: connectTimeoutMs, ...tls },
    headersTimeout: stallTimeoutMs,
    bodyTimeout: stallTimeoutMs,
    keepAliveTimeout: 20_000,
    maxHeaderSize: 32_768,
  })
}

interface ExchangeEnd {
  resolve(): void
  reject(error: unknown): void
}

class ProxyExchange implements Dispatcher.DispatchHandler {
  readonly #receiver: HttpReceiver
  readonly #origin: string
  readonly #signal: AbortSignal | undefined
  readonly #end: ExchangeEnd
  #abort: (() => void) | undefined
  #receiverFailed: { readonly error: unknown } | undefined

  constructor(origin: string, receiver: HttpReceiver, signal: AbortSignal | undefined, end: ExchangeEnd) {
    this.#origin = origin
    this.#receiver = receiver
    this.#signal = signal
    this.#end = end
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const signal = this.#signal
    if (signal === undefined) return
    this.#abort = () => controller.abort(interrupted(signal))
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    // An informational answer (100 Continue) is not the answer.
    if (status < 200) return
    this.#hand(controller, () => this.#receiver.start(status, headers))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#hand(controller, () => this.#receiver.data(chunk))
  }

  onResponseEnd(): void {
    this.#stopListening()
    this.#end.resolve()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopListening()
    this.#end.reject(
      this.#receiverFailed === undefined ? networkError(error, this.#origin) : this.#receiverFailed.error,
    )
  }

  #hand(controller: Dispatcher.DispatchController, give: () => void): void {
    try {
      give()
    } catch (error) {
      this.#receiverFailed ??= { error }
      controller.abort(new Error('the receiver failed'))
    }
  }

  #stopListening(): void {
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort)
  }
}
