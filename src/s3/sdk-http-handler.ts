import { Readable } from 'node:stream'
import { collect } from './collect.ts'
import type { HttpAnswer, HttpClient } from './http.ts'
import type { AnswerLimit } from './bounded-body.ts'
import { foreignAnswer } from './foreign-answer.ts'
import { isPassing } from './retry.ts'
import { encodeComponent } from './uri.ts'

/** The request that the SDK passes to a handler. Declared here, so that no package of the SDK is needed for it. */
export interface SdkHttpRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query?: Record<string, string | string[] | null> | undefined
  readonly headers: Record<string, string>
  readonly body?: unknown
}

export interface SdkHandlerOptions {
  readonly limit: AnswerLimit
  /** An error that it throws rejects an answer and its connection. */
  readonly check?: ((request: SdkHttpRequest, answer: HttpAnswer) => void) | undefined
}

/** Makes the SDK's clients use the same pooled client as the hand-signed calls: the same proxies, certificates and timeouts. */
export function sdkHttpHandler(http: HttpClient, { limit, check }: SdkHandlerOptions) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkHttpRequest, options?: { abortSignal?: unknown }) {
      const signal = options?.abortSignal instanceof AbortSignal ? options.abortSignal : undefined
      const query = queryString(request.query)
      const origin = `${request.protocol}//${request.hostname}${request.port === undefined ? '' : `:${request.port}`}`
      const answer = await collecting(
        http,
        {
          origin,
          method: request.method as 'GET',
          path: query === '' ? request.path : `${request.path}?${query}`,
          headers: withoutConnection(request.headers),
          body: bodyOf(request.body),
        },
        signal,
        {
          limit,
          check: (whole) => {
            const foreign = foreignAnswer(whole, { call: `the ${request.method} request`, origin, http })
            if (foreign !== undefined) throw foreign
            check?.(request, whole)
          },
        },
      )
      return {
        response: {
          statusCode: answer.status,
          headers: flatHeaders(answer.headers),
          body: Readable.from(answer.body.length === 0 ? [] : [answer.body]),
        },
      }
    },
    destroy(): void {},
    updateHttpClientConfig(): void {},
    httpHandlerConfigs: () => ({}),
  }
}

/** Marks temporary errors so that the SDK's own retry loop repeats them. */
async function collecting(...call: Parameters<typeof collect>): ReturnType<typeof collect> {
  try {
    return await collect(...call)
  } catch (error) {
    if (isPassing(error)) Object.assign(error, { $retryable: { throttling: false } })
    throw error
  }
}

function queryString(query: SdkHttpRequest['query']): string {
  if (query === undefined) return ''
  return Object.entries(query)
    .flatMap(([name, value]) => {
      if (value === null) return [encodeComponent(name)]
      return (Array.isArray(value) ? value : [value]).map((one) => `${encodeComponent(name)}=${encodeComponent(one)}`)
    })
    .join('&')
}

/** Removes the headers of the connection, which the pool manages itself. */
function withoutConnection(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['connection', 'expect'].includes(name.toLowerCase())),
  )
}

function bodyOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null || body === '') return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  throw new TypeError('the pooled client sends only whole bodies')
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}
