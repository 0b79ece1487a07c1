import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { CrosstrailError } from '../error.ts'

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
  const dispatchers = createDispatchers(options)
  return {
    exchange: (request, receiver, signal) =>
      new Promise((resolve, reject) => {
        const dispatcher = request.origin.startsWith('https:') ? dispatchers.https : dispatchers.http
        const { origin, method, path, headers, body = null } = request
        dispatcher.dispatch(
          { origin, method, path, headers, body },
          new Exchange(origin, receiver, signal, resolve, reject),
        )
      }),
    close: async () => {
      await Promise.all(dispatchers.all.map((dispatcher) => dispatcher.destroy()))
    },
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

/** One exchange under way. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #receiver: HttpReceiver
  readonly #origin: string
  readonly #signal: AbortSignal | undefined
  readonly #resolve: () => void
  readonly #reject: (error: unknown) => void
  #abort: (() => void) | undefined
  #receiverFailed: { readonly error: unknown } | undefined

  constructor(
    origin: string,
    receiver: HttpReceiver,
    signal: AbortSignal | undefined,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.#origin = origin
    this.#receiver = receiver
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
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
    this.#resolve()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopListening()
    this.#reject(this.#receiverFailed === undefined ? networkError(error, this.#origin) : this.#receiverFailed.error)
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

/** A scheme without a proxy of its own goes direct, as the AWS CLI and curl have it. */
function createDispatchers({ env, connectTimeoutMs = 10_000, stallTimeoutMs = 30_000 }: HttpClientOptions) {
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
  const direct = new Agent(common)
  const through = (proxy: string | undefined): Dispatcher => {
    if (!proxy) return direct
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
  return { http, https, all: [...new Set([direct, http, https])] }
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

function networkError(error: Error, origin: string): Error {
  if (error instanceof CrosstrailError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const facts = { origin, reason: code || error.name }
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return new CrosstrailError('network.stalled', `${origin} stopped answering`, { facts, cause: error })
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new CrosstrailError('network.connect-timeout', `${origin} cannot be reached in time`, {
        hint: checkNetwork,
        facts,
        cause: error,
      })
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CrosstrailError('network.unknown-host', `the host of ${origin} cannot be found`, {
        hint: 'check the region, the endpoint (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3) and the name server',
        facts,
        cause: error,
      })
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return new CrosstrailError('network.short-answer', `${origin} sent less than it announced`, {
        facts,
        cause: error,
      })
    default:
      if (isUntrusted(code)) {
        return new CrosstrailError(
          'network.untrusted',
          `the certificate of ${origin} is not trusted: ${error.message}`,
          {
            hint: 'where a proxy or a private store signs with an authority of its own, name it in AWS_CA_BUNDLE',
            facts,
            cause: error,
          },
        )
      }
      return new CrosstrailError('network.broken', `the connection to ${origin} broke: ${error.message}`, {
        hint: checkNetwork,
        facts,
        cause: error,
      })
  }
}

const checkNetwork = 'check the network, HTTPS_PROXY and NO_PROXY, and AWS_ENDPOINT_URL where it is set'

function isUntrusted(code: string): boolean {
  return code.startsWith('ERR_TLS_CERT') || /CERT|UNABLE_TO_VERIFY/.test(code)
}
