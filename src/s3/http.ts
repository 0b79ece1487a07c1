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
  /** The proxy that connections to an origin go through: `http://host:port`. */
  proxyOf?(origin: string): string | undefined
}

export function joinChunks(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

export function header(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
