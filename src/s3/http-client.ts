import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { Client, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { CrosstrailError } from '../error.ts'
import { networkError } from './network-error.ts'

export interface HttpRequest {
  /** `https://host[:port]`, without a path. */
  readonly origin: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Encoded path and query, sent as it is. */
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array | undefined
}

export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Takes one answer as it comes. A throw from `start` or `data` ends the exchange with that error. */
export interface HttpReceiver {
  start(status: number, headers: HttpHeaders): void
  data(chunk: Buffer): void
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: Buffer
}

/** One pooled HTTP client for the wire and the SDKs: one place for proxies, certificates and time-outs. */
export interface HttpClient {
  /** Resolves when the answer is complete. Rejects with CrosstrailError `network.…`, or with what the receiver threw. */
  exchange(request: HttpRequest, receiver: HttpReceiver, signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface HttpClientOptions {
  /** Reads HTTPS_PROXY, HTTP_PROXY, NO_PROXY (either case), AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly connectTimeoutMs?: number
  /** How long an answer may stand still, before its headers or between two pieces of its body. */
  readonly stallTimeoutMs?: number
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const lanes = createLanes(options)
  return {
    exchange: (request, receiver, signal) =>
      new Promise((resolve, reject) => {
        const { origin, method, path, headers, body = null } = request
        const lane = lanes.of(origin)
        const dispatcher = lane.take()
        const exchange = new Exchange(origin, receiver, signal, {
          resolve,
          reject,
          release: () => lane.giveBack(dispatcher),
        })
        dispatcher.dispatch({ origin, method, path, headers, body }, exchange)
      }),
    close: () => lanes.close(),
  }
}

/** Sends a request and holds the whole answer. For answers of known, modest size. */
export async function collect(client: HttpClient, request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
  const collector = new Collector()
  await client.exchange(request, collector, signal)
  return collector.answer()
}

class Collector implements HttpReceiver {
  #status = 0
  #headers: HttpHeaders = {}
  readonly #chunks: Buffer[] = []

  start(status: number, headers: HttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  data(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  answer(): HttpAnswer {
    return { status: this.#status, headers: this.#headers, body: joinChunks(this.#chunks) }
  }
}

export function joinChunks(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

export function header(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

interface ExchangeEnd {
  /** The connection is free. */
  release(): void
  resolve(): void
  reject(error: unknown): void
}

/** One exchange under way. */
class Exchange implements Dispatcher.DispatchHandler {
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
    try {
      this.#receiver.start(status, headers)
    } catch (error) {
      this.#giveUp(controller, error)
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    try {
      this.#receiver.data(chunk)
    } catch (error) {
      this.#giveUp(controller, error)
    }
  }

  onResponseEnd(): void {
    this.#stopListening()
    this.#end.release()
    this.#end.resolve()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopListening()
    this.#end.release()
    this.#end.reject(
      this.#receiverFailed === undefined ? networkError(error, this.#origin) : this.#receiverFailed.error,
    )
  }

  #giveUp(controller: Dispatcher.DispatchController, error: unknown): void {
    this.#receiverFailed ??= { error }
    controller.abort(new Error('the receiver failed'))
  }

  #stopListening(): void {
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort)
  }
}

function interrupted(signal: AbortSignal): CrosstrailError {
  return new CrosstrailError('interrupted', 'the run was interrupted', { cause: signal.reason })
}

/** Where the requests to one origin go. */
interface Lane {
  /** For one exchange. */
  take(): Dispatcher
  giveBack(dispatcher: Dispatcher): void
}

/**
 * The connections to one origin, each with one exchange at a time; as many as there are exchanges. Undici's own pool looks through all of
 * them for a free one at every request, which with hundreds costs more than to sign it.
 */
class Connections implements Lane {
  readonly #open: () => Client
  readonly #all: Client[] = []
  /** The one used last comes first: those that are too many fall silent, and are closed. */
  readonly #free: Dispatcher[] = []

  constructor(open: () => Client) {
    this.#open = open
  }

  take(): Dispatcher {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const opened = this.#open()
    this.#all.push(opened)
    return opened
  }

  giveBack(dispatcher: Dispatcher): void {
    this.#free.push(dispatcher)
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((client) => client.destroy()))
  }
}

/** A scheme without a proxy of its own goes direct, as the AWS CLI and curl have it. */
function createLanes({ env, connectTimeoutMs = 10_000, stallTimeoutMs = 30_000 }: HttpClientOptions) {
  const ca = trustedCertificates(env)
  const tls = ca === undefined ? {} : { ca }
  const common = {
    headersTimeout: stallTimeoutMs,
    bodyTimeout: stallTimeoutMs,
    keepAliveTimeout: 20_000,
    connect: { timeout: connectTimeoutMs, ...tls },
    // An S3 answer's headers are a few hundred bytes; metadata may add 2 KB.
    maxHeaderSize: 32_768,
  }
  const direct = new Map<string, Connections>()
  const through = (proxy: string | undefined): Dispatcher | undefined => {
    if (!proxy) return undefined
    const noProxy = env['no_proxy'] || env['NO_PROXY'] || ''
    try {
      return new EnvHttpProxyAgent({
        ...common,
        requestTls: tls,
        proxyTls: tls,
        httpProxy: proxy,
        httpsProxy: proxy,
        noProxy,
      })
    } catch {
      // No cause and no value: the address may hold a password.
      throw new CrosstrailError('config.proxy', 'HTTPS_PROXY or HTTP_PROXY is no address of a proxy', {
        hint: 'write it as http://host:port, and encode @, : and / within a user name or password',
      })
    }
  }
  const http = through(env['http_proxy'] || env['HTTP_PROXY'])
  const https = through(env['https_proxy'] || env['HTTPS_PROXY'])
  return {
    of(origin: string): Lane {
      const proxy = origin.startsWith('https:') ? https : http
      if (proxy !== undefined) return { take: () => proxy, giveBack: () => undefined }
      let connections = direct.get(origin)
      if (connections === undefined) {
        connections = new Connections(() => new Client(origin, common))
        direct.set(origin, connections)
      }
      return connections
    },
    close: async (): Promise<void> => {
      await Promise.all([http?.destroy(), https?.destroy(), ...[...direct.values()].map((one) => one.close())])
    },
  }
}

/** AWS_CA_BUNDLE adds to the built-in certificates, as NODE_EXTRA_CA_CERTS does. */
function trustedCertificates(env: HttpClientOptions['env']): string[] | undefined {
  const bundle = env['AWS_CA_BUNDLE']
  if (!bundle) return undefined
  const files = [bundle, env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined && file !== '')
  return [...rootCertificates, ...files.map((file) => readCertificates(String(file)))]
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CrosstrailError('config.ca-bundle', `cannot read the certificates in ${file}`, {
      hint: 'check AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS',
      cause,
    })
  }
}
