export interface HttpRequest {
  /** `https://host[:port]`, without a path. */
  readonly origin: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** The encoded path and query, sent unchanged. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The authorization header, if `headers` is shared by many requests. The text of `headers` is then built once, so `headers` must not change. */
  readonly authorization?: string | undefined
  readonly body?: string | Uint8Array | undefined
  /** True if no other request may have used the connection, so that no stray answer can be waiting on it. */
  readonly needsNewConnection?: boolean | undefined
}

/** The headers by lower-case name. The value is a list if a name was sent more than once. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Receives one answer as it arrives. An error thrown by `start` or `data` ends the exchange with that error. */
export interface HttpReceiver {
  start(status: number, headers: HttpHeaders): void
  /** The receiver may keep the chunk. */
  data(chunk: Buffer): void
}

/** The connection of an answer. */
export interface AnswerConnection {
  /** Closes the connection after a wrong answer: nothing that follows can be trusted. An exchange started since ends with `network.broken`. */
  distrust(): void
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: Buffer
}

/** One pooled HTTP client for hand-signed calls and for the SDKs, so that proxies, certificates and timeouts are handled in one place. */
export interface HttpClient {
  /** Resolves when the answer is complete. Rejects with CrosstrailError `network.…`, or with what the receiver threw. */
  exchange(request: HttpRequest, receiver: HttpReceiver, signal?: AbortSignal): Promise<AnswerConnection>
  close(): Promise<void>
  /** Returns the proxy for connections to an origin: `http://host:port`. */
  proxyOf?(origin: string): string | undefined
}

export function joinChunks(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

export function header(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
