export interface HttpRequest {
  /** `https://host[:port]`, without a path. */
  readonly origin: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Encoded path and query, sent as it is. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The header of that name, where `headers` is shared by many requests: their text is made once, and must not change. */
  readonly authorization?: string | undefined
  readonly body?: string | Uint8Array | undefined
  /** Whether the request must not follow others on a connection: no stray answer can be waiting there. */
  readonly needsNewConnection?: boolean | undefined
}

/** By lower-case name; a list where a name came more than once. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Takes one answer as it comes. A throw from `start` or `data` ends the exchange with that error. */
export interface HttpReceiver {
  start(status: number, headers: HttpHeaders): void
  /** The chunk is the receiver's to keep. */
  data(chunk: Buffer): void
}

/** What an answer came over. */
export interface AnswerConnection {
  /**
   * Closes the connection, because its answer proved wrong: nothing that follows on it can be believed. An exchange that has begun on it
   * since ends with `network.broken`.
   */
  distrust(): void
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: Buffer
}

/** One pooled HTTP client for the wire and the SDKs: one place for proxies, certificates and time-outs. */
export interface HttpClient {
  /** Resolves when the answer is complete. Rejects with CrosstrailError `network.…`, or with what the receiver threw. */
  exchange(request: HttpRequest, receiver: HttpReceiver, signal?: AbortSignal): Promise<AnswerConnection>
  close(): Promise<void>
}

export interface CollectOptions {
  /** A throw refuses the answer, and the connection it came on: what comes next on that one may belong to another request, too. */
  readonly check?: ((answer: HttpAnswer) => void) | undefined
}

/** Sends a request and holds the whole answer. For answers of known, modest size. Throws what `check` throws. */
export async function collect(
  client: HttpClient,
  request: HttpRequest,
  signal?: AbortSignal,
  options: CollectOptions = {},
): Promise<HttpAnswer> {
  const collector = new Collector()
  const connection = await client.exchange(request, collector, signal)
  const answer = collector.answer()
  try {
    options.check?.(answer)
  } catch (error) {
    connection.distrust()
    throw error
  }
  return answer
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
